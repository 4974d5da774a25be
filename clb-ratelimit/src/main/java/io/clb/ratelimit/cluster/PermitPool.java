package io.clb.ratelimit.cluster;

import static java.util.Objects.requireNonNull;

import io.clb.spi.PermitBuckets.Answer;
import io.clb.spi.PermitBuckets.Ask;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Buckets of permits in this process, by the rules of {@link io.clb.spi.PermitBuckets}: what a store has to grant. For simulators and tests; confined to one thread.
 */
public final class PermitPool {

    private static final int HALVES = 2;
    private static final int ASKS_PER_INTERVAL = 4;
    private static final int HUNGRY_INTERVALS = 2;
    private static final double NANOS_PER_MICRO = 1_000;

    /** What the bucket fills with; the rest is kept by the nodes. */
    private static final double FILLED = 31.0 / 32;

    private final Map<String, Bucket> buckets = new HashMap<>();

    /** Makes one without buckets. */
    public PermitPool() {}

    /** Nodes by a time, and the time of each. */
    private static final class Times {
        private final Map<String, Long> byNode = new HashMap<>();
        private final TreeSet<Entry> ascending =
                new TreeSet<>(Comparator.comparingLong(Entry::micros).thenComparing(Entry::node));

        private record Entry(long micros, String node) {}

        void put(String node, long micros) {
            remove(node);
            byNode.put(node, micros);
            ascending.add(new Entry(micros, node));
        }

        void remove(String node) {
            Long before = byNode.remove(node);
            if (before != null) {
                ascending.remove(new Entry(before, node));
            }
        }

        void removeBefore(long micros) {
            while (!ascending.isEmpty() && ascending.first().micros() < micros) {
                byNode.remove(requireNonNull(ascending.pollFirst()).node());
            }
        }

        @Nullable
        Long get(String node) {
            return byNode.get(node);
        }

        int size() {
            return ascending.size();
        }

        /** Those whose time is no later; few are, or none. */
        int sizeUntil(long micros) {
            return size() - ascending.tailSet(new Entry(micros + 1, "")).size();
        }
    }

    private static final class Bucket {
        private final Times deposits = new Times();
        private final Times hungry = new Times();
        private double level;
        private long atMicros = -1;

        long ask(Ask ask, long wanted, long now) {
            fill(ask, now);
            hungry.removeBefore(now - HUNGRY_INTERVALS * ask.intervalMicros());
            double turn = (double) ask.intervalMicros() / ASKS_PER_INTERVAL;
            Long last = hungry.get(ask.node());
            double since = last == null || last > now ? turn : (double) (now - last);
            int asking = hungry.size() + (last == null ? 1 : 0);
            long granted = (long) Math.floor(Math.min((double) wanted, level * Math.min(1, since / (asking * turn))));
            level -= granted;
            if (granted < wanted) {
                hungry.put(ask.node(), now);
            } else {
                hungry.remove(ask.node());
            }
            deposits.put(ask.node(), ask.sentMicros() + ask.leaseMicros());
            return granted;
        }

        private void fill(Ask ask, long now) {
            deposits.removeBefore(now + 1);
            int live = deposits.sizeUntil(now + ask.leaseMicros());
            if (atMicros >= 0) {
                double part = FILLED * Math.min(1.0, live / Math.max(1.0, ask.nodes() - 1.0));
                double most = ask.intervalMicros() * NANOS_PER_MICRO / HALVES;
                level = Math.min(most, level + Math.max(0, now - atMicros) * NANOS_PER_MICRO * part);
            }
            atMicros = now;
        }
    }

    /**
     * Answers an ask.
     *
     * @param ask what is wanted
     * @param nowMicros the time
     * @return what is granted
     */
    public Answer ask(Ask ask, long nowMicros) {
        boolean fresh = ask.sentMicros() <= nowMicros && nowMicros - ask.sentMicros() <= ask.intervalMicros() / HALVES;
        if (!fresh) {
            return new Answer(nowMicros, List.of());
        }
        List<Long> granted = new ArrayList<>();
        ask.wants()
                .forEach(want -> granted.add(buckets.computeIfAbsent(want.limit(), key -> new Bucket())
                        .ask(ask, want.nanos(), nowMicros)));
        return new Answer(nowMicros, granted);
    }

    /** Forgets all, as a store does that is started without its data. */
    public void clear() {
        buckets.clear();
    }
}
