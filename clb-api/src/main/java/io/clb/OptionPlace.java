package io.clb;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Where options belong: a scope and, within that of listeners, some protocols. What is declared here is complete with {@link Draft#means}. */
final class OptionPlace {

    static final Set<ListenerConfig.Protocol> EVERY_PROTOCOL =
            Collections.unmodifiableSet(EnumSet.allOf(ListenerConfig.Protocol.class));

    /** All settings came with the first version. */
    private static final String SINCE = "0.1";

    private final Option.Scope scope;
    private final Set<ListenerConfig.Protocol> protocols;
    private final Consumer<Option<?>> declared;

    OptionPlace(Option.Scope scope, Consumer<Option<?>> declared) {
        this(scope, EVERY_PROTOCOL, declared);
    }

    private OptionPlace(Option.Scope scope, Set<ListenerConfig.Protocol> protocols, Consumer<Option<?>> declared) {
        this.scope = scope;
        this.protocols = protocols;
        this.declared = declared;
    }

    /** The same scope, for listeners of these protocols only. */
    OptionPlace only(ListenerConfig.Protocol first, ListenerConfig.Protocol... others) {
        return new OptionPlace(scope, Collections.unmodifiableSet(EnumSet.of(first, others)), declared);
    }

    Draft<Duration> seconds(String name, long min, long max, long standard) {
        return duration(name, Duration.ofSeconds(min), Duration.ofSeconds(max), Duration.ofSeconds(standard));
    }

    Draft<Duration> duration(String name, Duration min, Duration max, Duration standard) {
        return new Draft<>(name, new OptionValues<>(Duration.class, min, max, null, List.of(), standard));
    }

    Draft<Integer> number(String name, int min, int max, int standard) {
        return new Draft<>(name, new OptionValues<>(Integer.class, min, max, null, List.of(), standard));
    }

    Draft<Boolean> flag(String name, boolean standard) {
        return new Draft<>(name, new OptionValues<>(Boolean.class, null, null, null, List.of(), standard));
    }

    /** One of a few values. */
    <T extends Comparable<T>> Draft<T> choice(String name, Class<T> type, List<T> choices, T standard) {
        return new Draft<>(name, new OptionValues<>(type, null, null, null, choices, standard));
    }

    /** An option but for its meaning. */
    final class Draft<T extends Comparable<T>> {

        private final String name;
        private final OptionValues<T> values;

        private Draft(String name, OptionValues<T> values) {
            this.name = name;
            this.values = values;
        }

        /** The same, which one more value, outside of the range, turns off. */
        Draft<T> orOff(T value) {
            return new Draft<>(name, values.orOff(value));
        }

        Option<T> means(String summary) {
            Option<T> option = new Option<>(scope, protocols, name, values, SINCE, summary);
            declared.accept(option);
            return option;
        }
    }
}
