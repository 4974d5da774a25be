package io.clb;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import java.util.List;
import org.jspecify.annotations.Nullable;

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
    public record Mistake(String where, String field, String value, String expected) {

        /**
         * Checks the components for null.
         *
         * @param where the part of the configuration
         * @param field the option's name
         * @param value what was given
         * @param expected what would be right
         */
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

    // Does not travel with a serialized exception; the message does.
    private final transient @Nullable List<Mistake> mistakes;

    /**
     * Builds the exception.
     *
     * @param mistakes what is wrong, at least one
     */
    public ConfigException(List<Mistake> mistakes) {
        super(requireNonNull(mistakes, "mistakes").stream()
                .map(Mistake::toString)
                .collect(joining("\n")));
        this.mistakes = List.copyOf(mistakes);
    }

    /**
     * Returns what is wrong.
     *
     * @return every mistake, in the order of the configuration; empty in an exception that was serialized, which has them in its message
     */
    public List<Mistake> mistakes() {
        return mistakes == null ? List.of() : mistakes;
    }
}
