package io.clb.metrics;

import io.clb.Snapshot;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.LinkedHashMap;
import java.util.Map;

/** The meters of all parts of a kind. One thread at a time. */
final class KindMeters<P> {

    private final Kind<P> kind;
    private final MeterRegistry registry;
    private final int most;
    private final Runnable refresh;
    private Map<Tags, PartMeters<P>> parts = new LinkedHashMap<>();

    KindMeters(Kind<P> kind, MeterRegistry registry, int most, Runnable refresh) {
        this.kind = kind;
        this.registry = registry;
        this.most = kind.mayBeMany() ? most : Integer.MAX_VALUE;
        this.refresh = refresh;
    }

    /** Adds and removes meters. Those that have some keep them; how many have none for want of room is returned. */
    int follow(Snapshot snapshot) {
        Map<Tags, P> there = kind.find(snapshot);
        Map<Tags, PartMeters<P>> before = parts;
        parts = new LinkedHashMap<>();
        there.forEach((tags, part) -> {
            PartMeters<P> known = before.remove(tags);
            if (known != null) {
                known.follow(part);
                parts.put(tags, known);
            }
        });
        before.values().forEach(PartMeters::close);
        int omitted = 0;
        for (Map.Entry<Tags, P> entry : there.entrySet()) {
            if (parts.containsKey(entry.getKey())) {
                continue;
            }
            if (parts.size() < most) {
                parts.put(entry.getKey(), new PartMeters<>(kind, registry, entry.getKey(), entry.getValue(), refresh));
            } else {
                omitted++;
            }
        }
        return omitted;
    }

    void close() {
        parts.values().forEach(PartMeters::close);
        parts.clear();
    }
}
