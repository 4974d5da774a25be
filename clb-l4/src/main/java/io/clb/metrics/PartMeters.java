package io.clb.metrics;

import io.clb.spi.Reason;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** The meters of one part of a balancer. Made, followed and closed by one thread at a time. */
final class PartMeters<P> {

    private final Kind<P> kind;
    private final MeterRegistry registry;
    private final Tags tags;
    private final Runnable refresh;
    private final List<Meter> registered = new ArrayList<>();

    /** For which there are meters, by the name of the meter. */
    private final Set<String> reasons = new HashSet<>();

    // written by who follows; read by who reads meters
    private volatile P part;

    PartMeters(Kind<P> kind, MeterRegistry registry, Tags tags, P part, Runnable refresh) {
        this.kind = kind;
        this.registry = registry;
        this.tags = tags;
        this.part = part;
        this.refresh = refresh;
        kind.measures().forEach(measure -> register(measure, measure.tags(), measure.value()));
        registerReasons(part);
    }

    /** Takes over what a later snapshot says. */
    void follow(P now) {
        part = now;
        registerReasons(now);
    }

    private void registerReasons(P now) {
        for (Kind.ByReason<P> counted : kind.byReason()) {
            for (Reason reason : counted.counts().apply(now).keySet()) {
                if (reasons.add(counted.measure().name() + reason.code())) {
                    register(
                            counted.measure(),
                            Tags.of("reason", reason.code()),
                            part -> counted.counts().apply(part).getOrDefault(reason, 0L));
                }
            }
        }
    }

    private void register(Kind.Measure<P> measure, Tags own, ToDoubleFunction<P> value) {
        String name = kind.prefix() + measure.name();
        // A registry holds the object of a counter weakly, but the function knows it too.
        ToDoubleFunction<PartMeters<P>> read = meters -> this.read(value);
        registered.add(
                measure.isCounter()
                        ? FunctionCounter.builder(name, this, read)
                                .tags(tags.and(own))
                                .baseUnit(measure.unit())
                                .description(measure.description())
                                .register(registry)
                        : Gauge.builder(name, this, read)
                                .tags(tags.and(own))
                                .baseUnit(measure.unit())
                                .description(measure.description())
                                .strongReference(true)
                                .register(registry));
    }

    private double read(ToDoubleFunction<P> value) {
        refresh.run();
        return value.applyAsDouble(part);
    }

    void close() {
        registered.forEach(registry::remove);
    }
}
