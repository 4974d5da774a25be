package io.clb.bench.peers.algorithms;

import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The catalogue of yardsticks. */
public final class PeerAlgorithms {

    /** What all their names begin with. */
    public static final String PREFIX = "peer:";

    private static final List<SchedulerFactory> CATALOGUE = List.of(
            new Entry("smooth", SmoothScan::new),
            new Entry("edf", EdfHeap::new),
            new Entry("stride", StaticStride::new),
            new Entry("alias", AliasMethod::new),
            new Entry("ring", HashRing::new),
            new Entry("maglev", Maglev::new),
            new Entry("rendezvous", Rendezvous::new));

    private PeerAlgorithms() {}

    /**
     * All of them.
     *
     * @return an unmodifiable list
     */
    public static List<SchedulerFactory> catalogue() {
        return CATALOGUE;
    }

    /**
     * Finds one by name.
     *
     * @param name with the prefix, such as {@code "peer:ring"}
     * @return the factory
     * @throws IllegalArgumentException if there is none of that name
     */
    public static SchedulerFactory find(String name) {
        return CATALOGUE.stream()
                .filter(factory -> factory.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("scheduler: " + name + " (expected: one of " + CATALOGUE + ")"));
    }

    private record Entry(String code, Function<Members, Scheduler> maker) implements SchedulerFactory {

        @Override
        public String name() {
            return PREFIX + code;
        }

        @Override
        public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
            Members members = Members.of(eligible);
            return members.size() == 0 ? (flow, nowNanos) -> null : maker.apply(members);
        }

        @Override
        public String toString() {
            return name();
        }
    }
}
