package io.clb.engine;

import io.clb.Cluster;
import io.clb.Config;
import io.clb.ConfigException;
import io.clb.Limit;
import io.clb.ListenerConfig;
import io.clb.spi.Quota;
import io.clb.spi.RateLimiter;
import io.clb.spi.RateLimiterFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the limiters of listeners, and leaves those alone whose limit an update does not change. Control only. */
final class Limits {

    private static final Logger LOG = LoggerFactory.getLogger(Limits.class);

    private static final Duration PERIOD = Duration.ofSeconds(1);

    /** A request or a connection. */
    private static final long LEAST_BURST = 1;

    private final String balancer;
    private final Map<String, RateLimiterFactory> factories;

    Limits(String balancer, Map<String, RateLimiterFactory> factories) {
        this.balancer = balancer;
        this.factories = factories;
    }

    /** Adds a mistake for every limit that nothing on the class path can enforce. */
    void check(Config config, List<ConfigException.Mistake> mistakes) {
        if (factories.size() == 1) {
            return;
        }
        String expected = factories.isEmpty()
                ? "add io.clb:clb-ratelimit for it"
                : "one provider of rate limiters on the class path, not " + factories.keySet();
        config.listeners()
                .values()
                .forEach(listener -> listener.limits()
                        .values()
                        .forEach(limit -> mistakes.add(new ConfigException.Mistake(
                                "listener " + listener.name(),
                                "limit " + limit.kind(),
                                Long.toString(limit.total()),
                                expected))));
    }

    /**
     * Makes what a listener's limits need, in the order of their kinds.
     *
     * @param before what is in force
     */
    List<RunLimit> prepare(ListenerConfig listener, Cluster cluster, List<RunLimit> before, long nowNanos) {
        List<RunLimit> limits = new ArrayList<>();
        for (Limit limit : listener.limits().values()) {
            Quota quota = new Quota(limit.total(), PERIOD, cluster.nodes(listener.protocol()), LEAST_BURST);
            RunLimit running = find(limit.kind(), before);
            limits.add(
                    running != null && running.quota().equals(quota)
                            ? running
                            : create(limit.kind(), quota, running, nowNanos));
        }
        return List.copyOf(limits);
    }

    private RunLimit create(Limit.Kind kind, Quota quota, @Nullable RunLimit before, long nowNanos) {
        RateLimiterFactory factory = factories.values().iterator().next();
        RateLimiter limiter = factory.create(quota, nowNanos, before == null ? null : before.limiter());
        return new RunLimit(kind, quota, limiter, factory.enforced(quota));
    }

    static @Nullable RunLimit find(Limit.Kind kind, List<RunLimit> limits) {
        for (RunLimit limit : limits) {
            if (limit.kind() == kind) {
                return limit;
            }
        }
        return null;
    }

    /** Says what this node makes of limits that are new or changed, where nobody has said how many nodes there are. */
    void announce(String listener, Cluster cluster, List<RunLimit> before, List<RunLimit> after) {
        if (!cluster.isDefault()) {
            return;
        }
        for (RunLimit limit : after) {
            if (!before.contains(limit)) {
                LOG.info(
                        "{}: limit {} {} on {}: this node enforces {} a second, exactly {}/({}-1), the product's default;"
                                + " Cluster.single() if this is the only node",
                        balancer,
                        limit.kind(),
                        limit.quota().total(),
                        listener,
                        limit.enforced(),
                        limit.quota().total(),
                        limit.quota().nodes());
            }
        }
    }
}
