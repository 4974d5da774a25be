package io.clb;

import java.util.ArrayList;
import java.util.List;

/** Gathers what is wrong with a configuration. */
final class Mistakes {

    private final List<ConfigException.Mistake> found = new ArrayList<>();

    Mistakes() {}

    /** Starts with what was found before. */
    Mistakes(Mistakes before) {
        found.addAll(before.found);
    }

    void add(String where, String field, Object value, String expected) {
        found.add(new ConfigException.Mistake(where, field, String.valueOf(value), expected));
    }

    List<ConfigException.Mistake> found() {
        return found;
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw new ConfigException(found);
        }
    }
}
