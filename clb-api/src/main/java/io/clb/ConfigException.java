package io.clb;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import java.util.List;

/** A configuration with mistakes: all of them, each with the place, the field, the value and what was expected. Nothing was changed. */
public final class ConfigException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /**
     * One thing that is wrong.
     *
     * @param where the part of the configuration, such as {@code "listener front"}
     * @param field the option's name
     * @param value what was given, as text
     * @param expected what would be right
     */
    public record Mistake(String where, String field, String value, String expected) implements java.io.Serializable {

        /** Checks the components for null. */
        public Mistake {
            requireNonNull(where, "where");
            requireNonNull(field, "field");
            requireNonNull(value, "value");
            requireNonNull(expected, "expected");
        }

        @Override
        public String toString() {
            return where + ": " + field + ": " + value + " (expected: " + expected + ")";
        }
    }

    private final List<Mistake> mistakes;

    /**
     * Builds the exception.
     *
     * @param mistakes what is wrong, at least one
     */
    public ConfigException(List<Mistake> mistakes) {
        super(mistakes.stream().map(Mistake::toString).collect(joining("\n")));
        this.mistakes = List.copyOf(mistakes);
    }

    /**
     * Returns what is wrong.
     *
     * @return every mistake, in the order of the configuration
     */
    public List<Mistake> mistakes() {
        return mistakes;
    }
}
