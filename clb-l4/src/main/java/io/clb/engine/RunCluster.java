package io.clb.engine;

import io.clb.Cluster;
import io.clb.Config;
import io.clb.ConfigException;
import io.clb.spi.ClusterTransport;
import io.clb.spi.ClusterTransportFactory;
import io.clb.spi.PermitBuckets;
import io.clb.spi.Quota;
import io.clb.spi.QuotaCoordinator;
import io.clb.spi.QuotaCoordinatorFactory;
import io.clb.spi.RateLimiter;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The cluster of a balancer at run time, if its nodes talk to each other. Control only, but for what a snapshot reads. */
final class RunCluster {

    private final QuotaCoordinator coordinator;
    private final ClusterLog log;
    private final String node;
    private final String transport;

    /** The names of the limits that the cluster divides. */
    private Set<String> enforced = Set.of();

    private RunCluster(QuotaCoordinator coordinator, ClusterLog log, String node, String transport) {
        this.coordinator = coordinator;
        this.log = log;
        this.node = node;
        this.transport = transport;
    }

    /**
     * Joins the cluster of a configuration. On a thread of the application's.
     *
     * @return null if its nodes do not talk to each other
     * @throws ConfigException if nothing on the class path can do it
     * @throws IllegalStateException if what carries messages cannot work
     */
    static @Nullable RunCluster join(
            Config config, Map<String, QuotaCoordinatorFactory> factories, ClusterLog log, Clock clock) {
        Cluster cluster = config.cluster();
        ClusterTransportFactory transport = cluster.transport();
        if (transport == null) {
            return null;
        }
        if (factories.size() != 1) {
            String expected = factories.isEmpty()
                    ? "add io.clb:clb-ratelimit for it"
                    : "one provider of quota coordinators on the class path, not " + factories.keySet();
            throw new ConfigException(
                    List.of(new ConfigException.Mistake("balancer", "cluster", cluster.toString(), expected)));
        }
        QuotaCoordinatorFactory factory = factories.values().iterator().next();
        String node = cluster.settings().node();
        try {
            ClusterTransport created = transport.create(node);
            if (transport.canLease() && !(created instanceof PermitBuckets)) {
                throw new IllegalStateException(
                        created.getClass().getName() + " cannot lease (expected: PermitBuckets, as canLease() says)");
            }
            QuotaCoordinator coordinator =
                    factory.start(cluster.settings(), created, log, clock::nanoTime, Instant.now());
            return new RunCluster(coordinator, log, node, transport.name());
        } catch (RuntimeException | LinkageError e) {
            throw new IllegalStateException(
                    "balancer " + config.name() + ": cannot take part in the " + cluster + ": " + e.getMessage(), e);
        }
    }

    /** How many nodes belong to the cluster. */
    int nodes() {
        return coordinator.view().nodes();
    }

    RateLimiter create(Quota quota, long nowNanos) {
        return coordinator.create(quota, nowNanos);
    }

    /** Divides the totals of these limits from now on, as far as they are not per key, and of no others. */
    void enforce(Collection<RunLimit> limits, long nowNanos) {
        Set<String> names = new HashSet<>();
        for (RunLimit limit : limits) {
            String name = limit.sharedName();
            if (name != null) {
                names.add(name);
                coordinator.enforce(
                        name,
                        (RateLimiter) limit.limiter(),
                        limit.quota(),
                        limit.limit().division(),
                        limit.meter(),
                        nowNanos);
            }
        }
        for (String name : enforced) {
            if (!names.contains(name)) {
                coordinator.release(name);
            }
        }
        enforced = names;
    }

    /** What this node has of a limit. */
    QuotaCoordinator.Share share(String name, long nowNanos) {
        QuotaCoordinator.Share share = coordinator.share(name, nowNanos);
        return share == null ? new QuotaCoordinator.Share(0, 0, 0, 0) : share;
    }

    ClusterView view(long nowNanos, Instant now) {
        return ClusterView.of(node, transport, coordinator.view(), log.events(nowNanos, now));
    }

    CompletionStage<Boolean> forget(String name) {
        return coordinator.forget(name);
    }

    /** Leaves the cluster; takes some seconds at most. */
    void leave() {
        coordinator.close();
    }
}
