package io.clb;

import static java.util.stream.Collectors.joining;

/** The settings as the table in README. */
final class OptionsTable {

    private static final String HEAD = """
            | setting | belongs to | default | range | since | meaning |
            |---|---|---|---|---|---|
            """;

    private OptionsTable() {}

    static String markdown() {
        return HEAD + Options.all().stream().map(OptionsTable::row).collect(joining("\n"));
    }

    private static <T extends Comparable<T>> String row(Option<T> option) {
        return "| `" + option.name() + "` | " + option.place() + " | " + option.format(option.defaultValue()) + " | "
                + option.expectation() + " | " + option.since() + " | " + option.summary() + " |";
    }
}
