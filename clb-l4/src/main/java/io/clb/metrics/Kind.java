package io.clb.metrics;

import io.clb.Snapshot;
import io.clb.spi.Reason;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A kind of part of a balancer.
 *
 * @param prefix of the names of its meters
 * @param mayBeMany whether there may be too many to have meters for all
 * @param parts finds those there are, by the tags of their meters
 * @param measures what each has a meter of
 * @param byReason what each has meters of as reasons occur
 */
record Kind<P>(
        String prefix,
        boolean mayBeMany,
        Function<Snapshot, Map<Tags, P>> parts,
        List<Measure<P>> measures,
        List<ByReason<P>> byReason) {

    /**
     * What a meter tells.
     *
     * @param unit null for a plain number
     */
    record Measure<P>(
            String name,
            @Nullable String unit,
            boolean isCounter,
            Tags tags,
            String description,
            ToDoubleFunction<P> value) {}

    /** What is counted by reason: a measure without a value. */
    record ByReason<P>(Measure<P> measure, Function<P, Map<Reason, Long>> counts) {}

    Map<Tags, P> find(Snapshot snapshot) {
        return parts.apply(snapshot);
    }
}
