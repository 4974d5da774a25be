package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The limits of a balancer, a listener or a rule while it is set up. */
final class Limits {

    private final Map<Limit.Kind, Limit> limits = new EnumMap<>(Limit.Kind.class);

    // what was to be removed and was not there, and what was
    private final Map<Limit.Kind, String> missing = new EnumMap<>(Limit.Kind.class);

    Limits(Map<Limit.Kind, Limit> from) {
        limits.putAll(from);
    }

    void set(Limit limit) {
        limits.put(requireNonNull(limit, "limit").kind(), limit);
    }

    void remove(Limit.Kind kind) {
        if (limits.remove(requireNonNull(kind, "kind")) == null) {
            missing.put(kind, "one of " + limits.keySet());
        }
    }

    /** Checks all of them and returns them in the order of their kinds. */
    Map<Limit.Kind, Limit> build(
            String where, Limit.Scope scope, ListenerConfig.@Nullable Protocol protocol, Mistakes mistakes) {
        missing.forEach((kind, expected) -> mistakes.add(where, "removeLimit", kind, expected));
        limits.values().forEach(limit -> limit.check(where, scope, protocol, mistakes));
        checkOrder(where, Limit.Kind.QPS_PER_CLIENT, Limit.Kind.QPS, mistakes);
        checkOrder(where, Limit.Kind.QPS_PER_HEADER, Limit.Kind.QPS, mistakes);
        checkOrder(where, Limit.Kind.CPS_PER_CLIENT, Limit.Kind.CPS, mistakes);
        return Collections.unmodifiableMap(new EnumMap<>(limits));
    }

    private void checkOrder(String where, Limit.Kind one, Limit.Kind all, Mistakes mistakes) {
        Limit ofOne = limits.get(one);
        Limit ofAll = limits.get(all);
        if (ofOne != null && ofAll != null && ofOne.exceeds(ofAll)) {
            mistakes.add(where, "limit " + one, ofOne.total(), "not above the " + ofAll + " of all together");
        }
    }
}
