package io.clb;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The values that an option may have.
 *
 * @param min null for a choice, and for true or false; so is max
 * @param off one more value, outside of the range; null for none
 * @param choices all that there is to choose from; empty for a range, and for true or false
 */
record OptionValues<T extends Comparable<T>>(
        Class<T> type,
        @Nullable T min,
        @Nullable T max,
        @Nullable T off,
        List<T> choices,
        T standard) {

    OptionValues<T> orOff(T value) {
        return new OptionValues<>(type, min, max, value, choices, standard);
    }

    boolean accepts(T value) {
        if (!choices.isEmpty()) {
            return choices.contains(value);
        }
        return value.equals(off)
                || ((min == null || value.compareTo(min) >= 0) && (max == null || value.compareTo(max) <= 0));
    }

    String expectation() {
        if (!choices.isEmpty()) {
            return choices.stream().map(OptionValues::text).collect(Collectors.joining(", ", "one of ", ""));
        }
        if (min == null || max == null) {
            return "true or false";
        }
        String range = text(min) + " to " + text(max);
        return off == null ? range : text(off) + " (off), or " + range;
    }

    static String text(Object value) {
        if (value instanceof Duration duration) {
            return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
        }
        if (value instanceof Integer number) {
            return String.format(Locale.ROOT, "%,d", number);
        }
        return value.toString();
    }
}
