package io.clb.bench.micro;

import io.clb.Extensions;
import io.clb.spi.Flow;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
 * Nanoseconds for one pick, by scheduler and number of servers, on one thread and on as many as there are CPUs, all of which share the
 * scheduler as event loops do.
 *
 * <p>{@code mvn -q -Pjmh -Djmh.args="PickBenchmark"}; one row of it: {@code "PickBenchmark.onOneThread -p scheduler=wrr -p servers=10000"};
 * with what a pick allocates: {@code "PickBenchmark -prof gc"}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class PickBenchmark {

    /** One pool for all threads. */
    @State(Scope.Benchmark)
    public static class Pool {

        /** A code of the catalogue. */
        @Param({"wrr", "rr", "wlc"})
        String scheduler = "";

        /** How many servers there are. */
        @Param({"10", "100", "1000", "10000"})
        int servers;

        Scheduler picker = (flow, nowNanos) -> null;

        /** Builds the scheduler. */
        @Setup
        public void build() {
            picker = Extensions.scheduler(scheduler).create(IdleGroup.of(servers), null);
        }
    }

    /** A flow of each thread's own. */
    @State(Scope.Thread)
    public static class Client {
        final Flow flow = NewFlow.first();
    }

    /**
     * The cost itself.
     *
     * @param pool what to pick from
     * @param client whom to pick for
     * @return the pick
     */
    @Benchmark
    @Threads(1)
    public @Nullable Server onOneThread(Pool pool, Client client) {
        return pool.picker.pick(client.flow, 0);
    }

    /**
     * The cost where all loops do nothing else: the worst case for the word that they share.
     *
     * @param pool what to pick from
     * @param client whom to pick for
     * @return the pick
     */
    @Benchmark
    @Threads(Threads.MAX)
    public @Nullable Server onAllThreads(Pool pool, Client client) {
        return pool.picker.pick(client.flow, 0);
    }
}
