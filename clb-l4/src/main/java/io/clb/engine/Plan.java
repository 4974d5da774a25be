package io.clb.engine;

import io.clb.Config;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A configuration, compiled. Immutable; control puts the next one in force with a single store, loops read it once for each flow.
 */
final class Plan {

    static final Plan EMPTY = new Plan(0, null, List.of(), Map.of(), new ListenerPlan[0]);

    private final long number;
    private final @Nullable Config config;
    private final List<RunGroup> groups;
    private final Map<String, Binding> bindings;
    private final @Nullable ListenerPlan[] bySlot;

    Plan(
            long number,
            @Nullable Config config,
            List<RunGroup> groups,
            Map<String, Binding> bindings,
            @Nullable ListenerPlan[] bySlot) {
        this.number = number;
        this.config = config;
        this.groups = groups;
        this.bindings = bindings;
        this.bySlot = bySlot;
    }

    /** How many configurations were put in force up to this one. */
    long number() {
        return number;
    }

    @Nullable
    Config config() {
        return config;
    }

    List<RunGroup> groups() {
        return groups;
    }

    /** The listening sockets by the name of their listener, in the order of the configuration. */
    Map<String, Binding> bindings() {
        return bindings;
    }

    /** The listener that owns listening sockets now; null if they are on their way out. */
    @Nullable
    ListenerPlan listener(Binding binding) {
        ListenerPlan listener = binding.slot() < bySlot.length ? bySlot[binding.slot()] : null;
        return listener == null || listener.binding() != binding ? null : listener;
    }
}
