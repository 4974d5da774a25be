package io.clb.bench.micro;

import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Microseconds to build a scheduler, on the control thread: for the first time, and anew after one of the servers went.
 *
 * <p>{@code mvn -q -Pjmh -Djmh.args="BuildBenchmark"}; names: {@link BenchSchedulers#find}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@Threads(1)
public class BuildBenchmark {

    /** Servers, and what to build for them. */
    @State(Scope.Benchmark)
    public static class Change {

        /** What is built. */
        @Param({
            "wrr",
            "rr",
            "wlc",
            "sch",
            "tch",
            "p2c",
            "ewma",
            "peer:smooth",
            "peer:edf",
            "peer:stride",
            "peer:alias",
            "peer:ring",
            "peer:maglev",
            "peer:rendezvous"
        })
        String scheduler = "";

        /** How many servers there are. */
        @Param({"10", "100", "1000", "10000"})
        int servers;

        private BenchGroup group = BenchGroup.of(0);
        private BenchGroup fewer = BenchGroup.of(0);
        private SchedulerFactory factory = (eligible, previous) -> (flow, nowNanos) -> null;
        private Scheduler before = (flow, nowNanos) -> null;

        /** Builds what is there before the change. */
        @Setup
        public void build() {
            group = BenchGroup.of("varied", servers, Runtime.getRuntime().availableProcessors());
            fewer = group.withoutOne();
            factory = BenchSchedulers.find(scheduler);
            before = factory.create(group, null);
        }
    }

    /**
     * The first one.
     *
     * @param change the servers
     * @return the scheduler
     */
    @Benchmark
    public Scheduler first(Change change) {
        return change.factory.create(change.group, null);
    }

    /**
     * Its successor for a server less.
     *
     * @param change the servers
     * @return the scheduler
     */
    @Benchmark
    public Scheduler withoutOne(Change change) {
        return change.factory.create(change.fewer, change.before);
    }
}
