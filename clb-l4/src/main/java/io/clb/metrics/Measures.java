package io.clb.metrics;

import io.clb.Snapshot;
import io.clb.Snapshot.Metric;
import io.clb.spi.Reason;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What meters tell of parts of one kind, in the making. */
final class Measures<P> {

    private static final List<Metric> STATUSES =
            List.of(Metric.STATUS_2XX, Metric.STATUS_3XX, Metric.STATUS_4XX, Metric.STATUS_5XX);
    private static final List<Metric> UPSTREAM_STATUSES =
            List.of(Metric.UPSTREAM_2XX, Metric.UPSTREAM_3XX, Metric.UPSTREAM_4XX, Metric.UPSTREAM_5XX);
    private static final int CLASS_LENGTH = "2xx".length();
    private static final double[] QUANTILES = {0.5, 0.9, 0.99};
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int ALL_PERCENT = 100;
    private static final String BYTES = "bytes";
    private static final String SECONDS = "seconds";

    private final List<Kind.Measure<P>> measures = new ArrayList<>();
    private final List<Kind.ByReason<P>> byReason = new ArrayList<>();

    Kind<P> of(String prefix, boolean mayBeMany, Function<Snapshot, Map<Tags, P>> parts) {
        return new Kind<>(prefix, mayBeMany, parts, List.copyOf(measures), List.copyOf(byReason));
    }

    Measures<P> gauge(String name, String description, ToDoubleFunction<P> value) {
        return add(name, null, false, Tags.empty(), description, value);
    }

    Measures<P> gauge(String name, Tags tags, String description, ToDoubleFunction<P> value) {
        return add(name, null, false, tags, description, value);
    }

    Measures<P> bytes(String name, String description, ToDoubleFunction<P> value) {
        return add(name, BYTES, false, Tags.empty(), description, value);
    }

    Measures<P> counter(String name, String description, ToDoubleFunction<P> value) {
        return add(name, null, true, Tags.empty(), description, value);
    }

    Measures<P> byReason(String name, String description, Function<P, Map<Reason, Long>> counts) {
        byReason.add(new Kind.ByReason<>(
                new Kind.Measure<>(name, null, true, Tags.empty(), description, part -> 0), counts));
        return this;
    }

    private Measures<P> add(
            String name,
            @Nullable String unit,
            boolean isCounter,
            Tags tags,
            String description,
            ToDoubleFunction<P> value) {
        measures.add(new Kind.Measure<>(name, unit, isCounter, tags, description, value));
        return this;
    }

    /** What all of {@link Snapshot.Part} have in common. */
    static <P extends Snapshot.Part> Measures<P> ofPart(String fromClients) {
        Measures<P> all = new Measures<>();
        all.counter("requests", "Requests", part -> part.count(Metric.REQUESTS))
                .counter(
                        "connect.failures",
                        "Connects to servers that failed",
                        part -> part.count(Metric.CONNECT_FAILURES))
                .counter(
                        "responses.uncompressed",
                        "Responses that were to be compressed and were not",
                        part -> part.count(Metric.UNCOMPRESSED))
                .add(
                        BYTES,
                        BYTES,
                        true,
                        Tags.of("direction", fromClients),
                        "Payload",
                        part -> part.count(Metric.BYTES_FROM_CLIENTS))
                .add(
                        BYTES,
                        BYTES,
                        true,
                        Tags.of("direction", "from_servers"),
                        "Payload",
                        part -> part.count(Metric.BYTES_FROM_SERVERS))
                .byReason("ended", "What ended, by reason", Snapshot.Part::ended);
        statuses(all, "responses", "Requests by the class of the status that they were answered with", STATUSES);
        statuses(all, "upstream.responses", "Requests by the class of the server's status", UPSTREAM_STATUSES);
        for (double quantile : QUANTILES) {
            all.add(
                    "latency",
                    SECONDS,
                    false,
                    Tags.of("quantile", Double.toString(quantile)),
                    "Of the last full minute",
                    part -> seconds(part, quantile * ALL_PERCENT));
        }
        all.add(
                "latency.max",
                SECONDS,
                false,
                Tags.empty(),
                "Of the last full minute",
                part -> seconds(part, ALL_PERCENT));
        return all;
    }

    private static <P extends Snapshot.Part> void statuses(
            Measures<P> all, String name, String description, List<Metric> classes) {
        for (Metric metric : classes) {
            String code = metric.name()
                    .substring(metric.name().length() - CLASS_LENGTH)
                    .toLowerCase(Locale.ROOT);
            all.add(name, null, true, Tags.of("status", code), description, part -> part.count(metric));
        }
    }

    private static double seconds(Snapshot.Part part, double percent) {
        Snapshot.LatencyWindow minute = part.latency().lastMinute();
        return minute.count() == 0 ? Double.NaN : minute.percentile(percent).toNanos() / NANOS_PER_SECOND;
    }
}
