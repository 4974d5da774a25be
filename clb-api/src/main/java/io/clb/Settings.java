package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.Map;

/** Values of options, those left at their defaults not among them. Immutable. */
final class Settings {

    static final Settings DEFAULTS = new Settings(Map.of());

    private final Map<Option<?>, Object> values;

    private Settings(Map<Option<?>, Object> values) {
        this.values = values;
    }

    <T extends Comparable<T>> T get(Option<T> option) {
        Object value = values.get(requireNonNull(option, "option"));
        return value == null ? option.defaultValue() : option.type().cast(value);
    }

    boolean has(Option<?> option) {
        return values.containsKey(option);
    }

    <T extends Comparable<T>> Settings with(Option<T> option, T value) {
        Map<Option<?>, Object> copy = new HashMap<>(values);
        copy.put(option, requireNonNull(value, option.name()));
        return new Settings(Map.copyOf(copy));
    }

    Settings without(Option<?> option) {
        Map<Option<?>, Object> copy = new HashMap<>(values);
        copy.remove(option);
        return new Settings(Map.copyOf(copy));
    }

    /** Adds a mistake for every value out of its range. */
    void check(String where, Mistakes mistakes) {
        values.keySet().stream()
                .sorted(java.util.Comparator.comparing(Option::name))
                .forEach(option -> check(option, where, mistakes));
    }

    /** Adds a mistake for every value that a listener of this protocol has no use for. */
    void checkFits(String where, ListenerConfig.Protocol protocol, Mistakes mistakes) {
        values.keySet().stream()
                .filter(option -> !option.protocols().contains(protocol))
                .sorted(java.util.Comparator.comparing(Option::name))
                .forEach(option -> mistakes.add(
                        where,
                        option.name(),
                        String.valueOf(values.get(option)),
                        "not set: it is an option of " + option.protocols() + " listeners, this one is " + protocol));
    }

    private <T extends Comparable<T>> void check(Option<T> option, String where, Mistakes mistakes) {
        option.check(where, get(option), mistakes);
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof Settings that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
