package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** The conditions of a rule while it is set up: one of each kind and name, the last one counts. */
final class RuleConditions {

    private static final int MAX_CONDITIONS = 10;
    private static final int MAX_VALUES = 100;
    private static final int MAX_NAME = 100;
    private static final int MAX_VALUE = 128;

    private final List<RuleCondition> conditions;

    RuleConditions(List<RuleCondition> from) {
        conditions = new ArrayList<>(from);
    }

    void set(RuleCondition.Kind kind, String name, String... values) {
        requireNonNull(name, "name");
        RuleCondition set = new RuleCondition(kind, name, List.of(requireNonNull(values, "values")));
        remove(kind, name);
        conditions.add(set);
    }

    void remove(RuleCondition.Kind kind, String name) {
        conditions.removeIf(there -> there.kind() == kind && there.name().equals(name));
    }

    List<RuleCondition> build(String where, Mistakes mistakes) {
        if (conditions.size() > MAX_CONDITIONS) {
            mistakes.add(where, "conditions", conditions.size(), "at most " + MAX_CONDITIONS);
        }
        conditions.forEach(condition -> check(where, condition, mistakes));
        return List.copyOf(conditions);
    }

    private static void check(String where, RuleCondition condition, Mistakes mistakes) {
        String field = condition.kind().name().toLowerCase(Locale.ROOT);
        List<String> values = condition.values();
        if (values.isEmpty() || values.size() > MAX_VALUES) {
            mistakes.add(where, field, values.size() + " values", "1 to " + MAX_VALUES);
        }
        switch (condition.kind()) {
            case METHOD ->
                checkEach(where, field, values, Names::isToken, "methods such as GET, case as sent", mistakes);
            case SOURCE -> CidrSet.parse(values, (block, expected) -> mistakes.add(where, field, block, expected));
            case HEADER, COOKIE -> checkNamed(where, field, condition, Names.isToken(condition.name()), mistakes);
            case QUERY -> checkNamed(where, field, condition, !condition.name().isEmpty(), mistakes);
        }
    }

    private static void checkNamed(
            String where, String field, RuleCondition condition, boolean sound, Mistakes mistakes) {
        if (!sound || condition.name().length() > MAX_NAME) {
            mistakes.add(where, field, condition.name(), "a name of 1 to " + MAX_NAME + " characters");
        }
        checkEach(
                where,
                field + " " + condition.name(),
                condition.values(),
                value -> value.length() <= MAX_VALUE && value.chars().noneMatch(Character::isISOControl),
                "up to " + MAX_VALUE + " characters, none of them a control character",
                mistakes);
    }

    private static void checkEach(
            String where,
            String field,
            List<String> values,
            Predicate<String> sound,
            String expectation,
            Mistakes mistakes) {
        values.stream().filter(sound.negate()).forEach(value -> mistakes.add(where, field, value, expectation));
    }
}
