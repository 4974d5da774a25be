package io.clb.ratelimit.cluster;

import io.clb.ratelimit.MovingLimiter;
import io.clb.ratelimit.Parts;
import io.clb.spi.ClusterSettings;
import io.clb.spi.ClusterTransport;
import io.clb.spi.Division;
import io.clb.spi.Quota;
import io.clb.spi.QuotaCoordinator;
import io.clb.spi.RateLimiter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What the engine knows a {@link ShareCoordinator} by: limiters and their totals, by name. */
final class ClusterQuotas implements QuotaCoordinator {

    private final ShareCoordinator coordinator;
    private final ViewChanges changes;

    // changed by control; read by any
    private final Map<String, EnforcedShare> enforced = new ConcurrentHashMap<>();

    private ClusterQuotas(ShareCoordinator coordinator, ViewChanges changes) {
        this.coordinator = coordinator;
        this.changes = changes;
    }

    static ClusterQuotas start(
            ClusterSettings settings,
            ClusterTransport transport,
            Events events,
            LongSupplier clock,
            Instant timeOfDay) {
        ViewChanges changes = new ViewChanges(events);
        return new ClusterQuotas(ShareCoordinator.start(settings, transport, changes, clock, timeOfDay), changes);
    }

    @Override
    public RateLimiter create(Quota quota, long nowNanos) {
        long parts = Parts.even(coordinator.view().nodes());
        return new MovingLimiter(quota.total(), quota.period(), quota.leastBurst(), parts, nowNanos);
    }

    @Override
    public void enforce(String name, RateLimiter limiter, Quota quota, Division division, Meter meter, long nowNanos) {
        EnforcedShare known = enforced.get(name);
        if (known == null) {
            EnforcedShare created = new EnforcedShare((MovingLimiter) limiter, quota, division, meter);
            enforced.put(name, created);
            coordinator.share(name, created, division);
            return;
        }
        known.total(quota, nowNanos);
        if (known.division(division)) {
            coordinator.share(name, known, division);
        }
    }

    @Override
    public void release(String name) {
        enforced.remove(name);
        coordinator.withdraw(name);
    }

    @Override
    public @Nullable Share share(String name, long nowNanos) {
        EnforcedShare share = enforced.get(name);
        return share == null ? null : share.view(coordinator.view().shares().get(name), nowNanos);
    }

    @Override
    public View view() {
        ClusterView view = coordinator.view();
        List<Node> others = view.others().stream()
                .map(node -> new Node(node.name(), node.present(), node.heardAgoNanos()))
                .toList();
        return new View(
                view.nodes(),
                view.present(),
                others,
                changes.isConnected(),
                view.leftOut(),
                coordinator.lost(),
                coordinator.strange(),
                coordinator.unanswered());
    }

    @Override
    public CompletionStage<Boolean> forget(String node) {
        return coordinator.forget(node);
    }

    @Override
    public void close() {
        coordinator.close();
    }
}
