package io.clb;

/** The rule for names of balancers, listeners, rules and groups: they stand in logs, metrics and thread names. */
final class Names {

    private static final int MAX_LENGTH = 80;

    private Names() {}

    static void check(String where, String name, Mistakes mistakes) {
        boolean sound =
                !name.isBlank() && name.length() <= MAX_LENGTH && name.chars().noneMatch(Character::isISOControl);
        if (!sound) {
            mistakes.add(where, "name", name, "1 to 80 characters, no control characters, not only blanks");
        }
    }
}
