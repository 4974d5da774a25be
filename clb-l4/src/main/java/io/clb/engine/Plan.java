package io.clb.engine;

import io.clb.Config;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A configuration, compiled. Immutable; control puts the next one in force with a single store, loops read it once for each flow.
 */
final class Plan {

    static final Plan EMPTY = new Plan(0, null, List.of(), Map.of(), Map.of(), List.of());

    private final long number;
    private final @Nullable Config config;
    private final List<RunGroup> groups;
    private final Map<String, List<Binding>> bindings;
    private final List<RunLimit> limits;
    private final List<ListenerPlan> listeners;
    private final @Nullable Binding[] bindingBySlot;
    private final @Nullable ListenerPlan[] listenerBySlot;

    Plan(
            long number,
            @Nullable Config config,
            List<RunGroup> groups,
            Map<String, List<Binding>> bindings,
            Map<String, ListenerPlan> listeners,
            List<RunLimit> limits) {
        this.number = number;
        this.config = config;
        this.groups = groups;
        this.bindings = bindings;
        this.limits = limits;
        this.listeners = List.copyOf(listeners.values());
        int slots = allBindings().stream().mapToInt(Binding::slot).max().orElse(-1) + 1;
        this.bindingBySlot = new Binding[slots];
        this.listenerBySlot = new ListenerPlan[slots];
        bindings.forEach((name, sockets) -> {
            for (Binding binding : sockets) {
                bindingBySlot[binding.slot()] = binding;
                listenerBySlot[binding.slot()] = listeners.get(name);
            }
        });
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

    /** What speaks TLS, by the name of the listener. */
    Map<String, ListenerTls> tls() {
        Map<String, ListenerTls> found = new HashMap<>();
        for (ListenerPlan listener : listeners) {
            ListenerTls tls = listener.tls();
            if (tls != null) {
                found.put(listener.listener().name(), tls);
            }
        }
        return found;
    }

    /** Those of the balancer as a whole, in the order of their kinds. */
    List<RunLimit> limits() {
        return limits;
    }

    /** Those of the balancer, of listeners and of rules. */
    List<RunLimit> allLimits() {
        List<RunLimit> all = new ArrayList<>(limits);
        for (ListenerPlan listener : listeners) {
            all.addAll(listener.limits());
            listener.rules().values().forEach(all::addAll);
        }
        return all;
    }

    /** The listening sockets by the name of their listener, in the order of the configuration. */
    Map<String, List<Binding>> bindings() {
        return bindings;
    }

    List<ListenerPlan> listeners() {
        return listeners;
    }

    List<Binding> allBindings() {
        return bindings.values().stream().flatMap(List::stream).toList();
    }

    /** The listener that owns listening sockets now; null if they are on their way out. */
    @Nullable
    ListenerPlan listener(Binding binding) {
        int slot = binding.slot();
        return slot < bindingBySlot.length && bindingBySlot[slot] == binding ? listenerBySlot[slot] : null;
    }
}
