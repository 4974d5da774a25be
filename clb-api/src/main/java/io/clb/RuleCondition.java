package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;

/**
 * What a forwarding rule asks of a request besides its host and path. Immutable.
 *
 * <p>It holds if one of the values fits. Of several header fields, parameters or cookies of the name the first counts; without one it does not hold.
 *
 * @param kind what is looked at
 * @param name which header field (in lower case), query parameter or cookie; empty for the others
 * @param values what it is to be: methods as they are; blocks of addresses; for the others patterns, in which {@code *} stands for any text and {@code ?} for one
 *     character
 */
public record RuleCondition(Kind kind, String name, List<String> values) {

    /** What a condition looks at. */
    public enum Kind {
        /** The method of the request. */
        METHOD,
        /** A header field. */
        HEADER,
        /** A parameter of the query, decoded: {@code +} is a blank, and what is escaped counts for what it stands for. */
        QUERY,
        /** A cookie. */
        COOKIE,
        /** The client's address. */
        SOURCE
    }

    /**
     * For any kind.
     *
     * @param kind what is looked at
     * @param name which one; empty for the others
     * @param values one or more
     */
    public RuleCondition {
        requireNonNull(kind, "kind");
        requireNonNull(name, "name");
        values = List.copyOf(requireNonNull(values, "values"));
    }

    /** Whether no request can fulfil both: what is looked at is one thing, and cannot be two. */
    boolean excludes(RuleCondition other) {
        return isAbout(other)
                && isExact()
                && other.isExact()
                && other.values.stream().noneMatch(values::contains);
    }

    /** Whether each request that fulfils another one fulfils this. */
    boolean isImpliedBy(RuleCondition other) {
        return isAbout(other) && (values.containsAll(other.values) || values.contains("*"));
    }

    private boolean isAbout(RuleCondition other) {
        return kind == other.kind && name.equals(other.name);
    }

    /** Whether values stand for themselves alone. Blocks of addresses may hold one another. */
    private boolean isExact() {
        return kind != Kind.SOURCE
                && values.stream().allMatch(value -> value.indexOf('*') < 0 && value.indexOf('?') < 0);
    }

    @Override
    public String toString() {
        String what = kind.name().toLowerCase(Locale.ROOT) + (name.isEmpty() ? "" : " " + name);
        return what + " " + (values.size() == 1 ? values.get(0) : values);
    }
}
