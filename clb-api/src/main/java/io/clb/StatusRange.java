package io.clb;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Statuses from one to another: a class such as {@code 2xx}, a range such as {@code 301-302}, or a single one. What was written as neither holds none.
 *
 * @param text as it is written
 * @param lowest the first
 * @param highest the last
 */
record StatusRange(String text, int lowest, int highest) {

    static final String EXPECTATION =
            "classes such as 2xx, ranges such as 301-302 and single statuses, within 100 to 599";

    private static final int FIRST = 100;
    private static final int LAST = 599;
    private static final Pattern CLASS = Pattern.compile("([1-5])[xX]{2}");
    private static final Pattern RANGE = Pattern.compile("([0-9]{3})(?:-([0-9]{3}))?");

    /** One range has one spelling. */
    static StatusRange of(int lowest, int highest) {
        String text;
        if (lowest == highest) {
            text = String.valueOf(lowest);
        } else if (lowest % 100 == 0 && highest == lowest + 99) {
            text = lowest / 100 + "xx";
        } else {
            text = lowest + "-" + highest;
        }
        return new StatusRange(text, lowest, highest);
    }

    static StatusRange parse(String text) {
        Matcher byClass = CLASS.matcher(text);
        if (byClass.matches()) {
            int lowest = Integer.parseInt(byClass.group(1)) * 100;
            return of(lowest, lowest + 99);
        }
        Matcher range = RANGE.matcher(text);
        if (range.matches()) {
            int lowest = Integer.parseInt(range.group(1));
            return of(lowest, range.group(2) == null ? lowest : Integer.parseInt(range.group(2)));
        }
        return new StatusRange(text, LAST, FIRST);
    }

    boolean isSound() {
        return lowest >= FIRST && highest <= LAST && lowest <= highest;
    }

    boolean holds(int status) {
        return status >= lowest && status <= highest;
    }
}
