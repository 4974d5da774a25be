package io.clb.engine;

import io.clb.Cluster;
import io.clb.Config;
import io.clb.ConfigException;
import io.clb.Limit;
import io.clb.ListenerConfig;
import io.clb.spi.KeyedRateLimiter;
import io.clb.spi.Quota;
import io.clb.spi.RateLimiter;
import io.clb.spi.RateLimiterFactory;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the limiters of the balancer, of listeners and rules, and leaves those alone whose limit an update does not change. Control only. */
final class Limits {

    private static final Logger LOG = LoggerFactory.getLogger(Limits.class);

    /** A request or a connection. */
    private static final long ONE_FLOW = 1;

    /** A full packet. */
    private static final long BITS_OF_A_READ = 1_500 * Byte.SIZE;

    private final String balancer;
    private final Map<String, RateLimiterFactory> factories;
    private final int loops;
    private final Observers observers;
    private final SecureRandom random = new SecureRandom();

    /** Whose nodes divide totals by talking to each other; null if they do not. Set before anything else is called. */
    private @Nullable RunCluster cluster;

    Limits(String balancer, Map<String, RateLimiterFactory> factories, int loops, Observers observers) {
        this.balancer = balancer;
        this.factories = factories;
        this.loops = loops;
        this.observers = observers;
    }

    /** Has the nodes of a cluster divide totals. */
    void cluster(RunCluster joined) {
        cluster = joined;
    }

    /** Adds a mistake for every limit that nothing on the class path can enforce. */
    void check(Config config, List<ConfigException.Mistake> mistakes) {
        if (factories.size() == 1) {
            return;
        }
        String expected = factories.isEmpty()
                ? "add io.clb:clb-ratelimit for it"
                : "one provider of rate limiters on the class path, not " + factories.keySet();
        refuse("balancer", config.limits(), expected, mistakes);
        for (ListenerConfig listener : config.listeners().values()) {
            String where = "listener " + listener.name();
            refuse(where, listener.limits(), expected, mistakes);
            listener.rules()
                    .forEach((name, rule) -> refuse(where + ": rule " + name, rule.limits(), expected, mistakes));
        }
    }

    private static void refuse(
            String where, Map<Limit.Kind, Limit> limits, String expected, List<ConfigException.Mistake> mistakes) {
        limits.values()
                .forEach(limit -> mistakes.add(new ConfigException.Mistake(
                        where, "limit " + limit.kind(), Long.toString(limit.total()), expected)));
    }

    /**
     * Makes what limits need.
     *
     * @param scope what they are limits of, in a name that is the same on all nodes
     * @param nodes how many nodes share a limit of a kind, if they do not talk to each other
     * @param ipv6ClientBits how much of an IPv6 address is a client
     * @param before what is in force
     * @return in the order of the kinds
     */
    List<RunLimit> prepare(
            String scope,
            Map<Limit.Kind, Limit> wanted,
            ToIntFunction<Limit.Kind> nodes,
            int ipv6ClientBits,
            List<RunLimit> before,
            long nowNanos) {
        List<RunLimit> limits = new ArrayList<>();
        for (Limit limit : wanted.values()) {
            int sharedBy = cluster == null ? nodes.applyAsInt(limit.kind()) : cluster.nodes();
            if (LimitChain.hasDirections(limit.kind())) {
                for (Direction direction : Direction.values()) {
                    limits.add(prepare(
                            scope,
                            new RunLimit.Id(limit.kind(), direction),
                            limit,
                            sharedBy,
                            ipv6ClientBits,
                            before,
                            nowNanos));
                }
            } else {
                limits.add(prepare(
                        scope, new RunLimit.Id(limit.kind(), null), limit, sharedBy, ipv6ClientBits, before, nowNanos));
            }
        }
        return List.copyOf(limits);
    }

    private RunLimit prepare(
            String scope,
            RunLimit.Id id,
            Limit limit,
            int nodes,
            int ipv6ClientBits,
            List<RunLimit> before,
            long nowNanos) {
        Quota quota = quota(id, limit, nodes);
        RunLimit running = find(id, limit, before);
        if (running != null
                && running.quota().equals(quota)
                && running.limit().equals(limit)
                && (!limit.kind().isPerKey() || running.ipv6ClientBits() == ipv6ClientBits)) {
            return running;
        }
        RateLimiterFactory factory = factories.values().iterator().next();
        Object limiter = running != null && running.isEnforcedAlike(limit, quota)
                ? running.limiter()
                : create(factory, limit, quota, running, nowNanos);
        return new RunLimit(
                id,
                limit,
                quota,
                factory::enforced,
                running == null ? new LimitMeter(loops) : running.meter(),
                loops,
                limiter,
                running == null ? random.nextLong() : running.seed(),
                ipv6ClientBits,
                observers,
                isShared(limit) ? scope + ": " + id : null);
    }

    /** Whether the nodes of the cluster tell each other about it. */
    private boolean isShared(Limit limit) {
        return cluster != null && !limit.kind().isPerKey();
    }

    private Quota quota(RunLimit.Id id, Limit limit, int nodes) {
        if (id.direction() == null) {
            return new Quota(limit.total(), limit.period(), nodes, ONE_FLOW, Quota.Unit.FLOW);
        }
        double evenShare = (double) limit.total() / limit.period().toSeconds() / Math.max(1, nodes - 1);
        // However small a share becomes, a turn must fit.
        long turn = isShared(limit) ? (long) Pace.turn(evenShare) * Byte.SIZE : 0;
        return new Quota(limit.total(), limit.period(), nodes, Math.max(BITS_OF_A_READ, turn), Quota.Unit.BIT);
    }

    private Object create(
            RateLimiterFactory factory, Limit limit, Quota quota, @Nullable RunLimit before, long nowNanos) {
        if (limit.kind().isPerKey()) {
            return factory.createKeyed(
                    quota, limit.keys(), nowNanos, before == null ? null : (KeyedRateLimiter) before.limiter());
        }
        if (cluster != null) {
            return cluster.create(quota, nowNanos);
        }
        return factory.create(quota, loops, nowNanos, before == null ? null : (RateLimiter) before.limiter());
    }

    /** These are in force, and no others. */
    void inForce(Collection<RunLimit> limits, long nowNanos) {
        if (cluster != null) {
            cluster.enforce(limits, nowNanos);
        }
    }

    /** What is in force for the same; the values of another field are not the same. */
    private static @Nullable RunLimit find(RunLimit.Id id, Limit wanted, List<RunLimit> limits) {
        for (RunLimit limit : limits) {
            if (limit.id().equals(id) && Objects.equals(limit.limit().header(), wanted.header())) {
                return limit;
            }
        }
        return null;
    }

    /** Says what this node makes of limits that are new or changed, where nobody has said how many nodes there are. */
    void announce(String scope, Cluster cluster, List<RunLimit> before, List<RunLimit> after) {
        if (!cluster.isDefault()) {
            return;
        }
        for (RunLimit limit : after) {
            if (!before.contains(limit) && limit.id().direction() != Direction.TO_CLIENTS) {
                LOG.info(
                        "{}: limit {} on {}: this node enforces {}{}, exactly {}/({}-1), the product's default;"
                                + " Cluster.single() if this is the only node",
                        balancer,
                        limit.limit(),
                        scope,
                        limit.enforced(),
                        limit.id().direction() == null ? " a second" : "",
                        limit.quota().total(),
                        limit.quota().nodes());
            }
        }
    }
}
