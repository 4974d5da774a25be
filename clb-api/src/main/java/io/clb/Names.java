package io.clb;

/** The rule for names of balancers, listeners, rules and groups: they stand in logs, metrics and thread names. */
final class Names {

    private static final int MAX_LENGTH = 80;

    /** What a token may contain beside letters and digits (RFC 9110 5.6.2; the same set as in RFC 6265). */
    static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    private Names() {}

    static void check(String where, String name, Mistakes mistakes) {
        boolean sound =
                !name.isBlank() && name.length() <= MAX_LENGTH && name.chars().noneMatch(Character::isISOControl);
        if (!sound) {
            mistakes.add(where, "name", name, "1 to 80 characters, no control characters, not only blanks");
        }
    }

    /** Whether a text is what HTTP calls a token, of which methods, and names of fields and cookies, are made. */
    static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(Names::isTokenCharacter);
    }

    private static boolean isTokenCharacter(int c) {
        boolean letterOrDigit = c < 128 && Character.isLetterOrDigit(c);
        return letterOrDigit || TOKEN_MARKS.indexOf(c) >= 0;
    }
}
