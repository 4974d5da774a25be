package io.clb.metrics;

import io.clb.Snapshot;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/** The meters of a balancer in one registry. Followed and closed under the lock of {@link ClbMetrics}. */
final class RegistryMeters {

    private final MeterRegistry registry;
    private final List<KindMeters<?>> kinds;
    private final Gauge omittedGauge;

    // written by who follows; read by who reads meters
    private volatile int omitted;

    /**
     * Begins, with no more than how many have none.
     *
     * @param most how many parts of each kind have meters that there may be many of
     * @param refresh called before a meter is read
     */
    RegistryMeters(MeterRegistry registry, String balancer, int most, Runnable refresh) {
        this.registry = registry;
        this.kinds = Kinds.ALL.stream()
                .<KindMeters<?>>map(kind -> new KindMeters<>(kind, registry, most, refresh))
                .toList();
        this.omittedGauge = Gauge.builder("clb.omitted", this, meters -> {
                    refresh.run();
                    return meters.omitted;
                })
                .description("Rules, servers, limits and mirrors that have no meters, as there are too many")
                .tag("balancer", balancer)
                .strongReference(true)
                .register(registry);
    }

    /** Brings the meters in line with what there is. */
    void follow(Snapshot snapshot) {
        omitted = kinds.stream().mapToInt(kind -> kind.follow(snapshot)).sum();
    }

    void close() {
        kinds.forEach(KindMeters::close);
        registry.remove(omittedGauge);
    }
}
