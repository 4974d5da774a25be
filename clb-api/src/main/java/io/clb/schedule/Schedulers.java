package io.clb.schedule;

import static java.util.Objects.requireNonNull;

import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The catalogue of schedulers. */
public final class Schedulers {

    private static final RoundRobin WEIGHTED_ROUND_ROBIN = new RoundRobin(true, false);

    private static final RoundRobin ROUND_ROBIN = new RoundRobin(false, false);

    private static final SchedulerFactory WEIGHTED_LEAST_CONNECTIONS = new Entry("wlc") {
        @Override
        public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
            return LeastConnections.create(eligible, previous);
        }
    };

    private static final ConsistentHash SOURCE_HASH =
            new ConsistentHash(ConsistentHash.Key.SOURCE, ConsistentHash.DEFAULT_SLOTS);

    private static final ConsistentHash FOUR_TUPLE_HASH =
            new ConsistentHash(ConsistentHash.Key.FOUR_TUPLE, ConsistentHash.DEFAULT_SLOTS);

    private static final SchedulerFactory POWER_OF_TWO_CHOICES = new Entry("p2c") {
        @Override
        public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
            return PowerOfTwo.create(eligible, previous);
        }
    };

    private static final PeakEwma PEAK_EWMA = new PeakEwma(PeakEwma.DEFAULT_DECAY);

    private static final List<SchedulerFactory> CATALOGUE = List.of(
            WEIGHTED_ROUND_ROBIN,
            ROUND_ROBIN,
            WEIGHTED_LEAST_CONNECTIONS,
            SOURCE_HASH,
            FOUR_TUPLE_HASH,
            POWER_OF_TWO_CHOICES,
            PEAK_EWMA);

    private Schedulers() {}

    /**
     * Weighted round robin, {@code wrr}, the default: each server takes part in proportion to its weight, exactly so over one period (the
     * sum of the weights over their greatest common divisor), and evenly spread within it: after any k picks from its start, each server is
     * less than one pick from its share. One rotation for all event loops. A pick costs the same at any number of servers.
     *
     * <p>For servers of known strength and flows of like cost. Source: Tijdeman 1980, see the class {@code SmoothSequence}.
     *
     * @return the factory
     */
    public static RoundRobin weightedRoundRobin() {
        return WEIGHTED_ROUND_ROBIN;
    }

    /**
     * Round robin, {@code rr}: all in sequence, weights ignored, but for weight 0, which takes nothing.
     *
     * @return the factory
     */
    public static RoundRobin roundRobin() {
        return ROUND_ROBIN;
    }

    /**
     * Weighted least connections, {@code wlc}: the server with the fewest active flows for its weight; equals take turns by weight. A pick
     * reads each server's count, so it costs time in proportion to their number (measured in docs/benchmarks.md).
     *
     * <p>For flows that last long and differ in cost. Not with session stickiness, which fixes what this would balance.
     *
     * @return the factory
     */
    public static SchedulerFactory weightedLeastConnections() {
        return WEIGHTED_LEAST_CONNECTIONS;
    }

    /**
     * Consistent hash of the client address, {@code sch}.
     *
     * @return the factory
     */
    public static ConsistentHash sourceHash() {
        return SOURCE_HASH;
    }

    /**
     * Consistent hash of the four-tuple, {@code tch}.
     *
     * @return the factory
     */
    public static ConsistentHash fourTupleHash() {
        return FOUR_TUPLE_HASH;
    }

    /**
     * Power of two choices, {@code p2c}.
     *
     * @return the factory
     */
    public static SchedulerFactory powerOfTwoChoices() {
        return POWER_OF_TWO_CHOICES;
    }

    /**
     * Peak EWMA of latency, {@code ewma}.
     *
     * @return the factory
     */
    public static PeakEwma peakEwma() {
        return PEAK_EWMA;
    }

    /**
     * All schedulers of the catalogue.
     *
     * @return an unmodifiable list
     */
    public static List<SchedulerFactory> catalogue() {
        return CATALOGUE;
    }

    /**
     * Finds a scheduler of the catalogue by its code. For those that come from other libraries see {@code io.clb.Extensions}.
     *
     * @param name such as {@code "wrr"}
     * @return the factory, or empty
     */
    public static Optional<SchedulerFactory> find(String name) {
        requireNonNull(name, "name");
        return CATALOGUE.stream().filter(factory -> factory.name().equals(name)).findFirst();
    }

    /** One line of the catalogue. */
    private abstract static class Entry implements SchedulerFactory {

        private final String name;

        Entry(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
