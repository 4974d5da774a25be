package io.clb;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
        return new Draft<>(name, Duration.class, min, max, null, List.of(), standard);
    }

    Draft<Integer> number(String name, int min, int max, int standard) {
        return new Draft<>(name, Integer.class, min, max, null, List.of(), standard);
    }

    Draft<Boolean> flag(String name, boolean standard) {
        return new Draft<>(name, Boolean.class, null, null, null, List.of(), standard);
    }

    /** One of a few values. */
    <T extends Comparable<T>> Draft<T> choice(String name, Class<T> type, List<T> choices, T standard) {
        return new Draft<>(name, type, null, null, null, choices, standard);
    }

    /** An option but for its meaning. */
    final class Draft<T extends Comparable<T>> {

        private final String name;
        private final Class<T> type;
        private final @Nullable T min;
        private final @Nullable T max;
        private final @Nullable T off;
        private final List<T> choices;
        private final T standard;

        private Draft(
                String name,
                Class<T> type,
                @Nullable T min,
                @Nullable T max,
                @Nullable T off,
                List<T> choices,
                T standard) {
            this.name = name;
            this.type = type;
            this.min = min;
            this.max = max;
            this.off = off;
            this.choices = choices;
            this.standard = standard;
        }

        /** The same, which one more value, outside of the range, turns off. */
        Draft<T> orOff(T value) {
            return new Draft<>(name, type, min, max, value, choices, standard);
        }

        Option<T> means(String summary) {
            Option<T> option =
                    new Option<>(scope, name, type, min, max, off, choices, standard, SINCE, summary, protocols);
            declared.accept(option);
            return option;
        }
    }
}
