package io.clb.bench.micro;

import io.clb.spi.Outcome;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.SplittableRandom;
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
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Nanoseconds for one pick, by scheduler and number of servers, on one event loop and on as many as there are CPUs, all of which share the scheduler.
 * The threads are Netty's event loops; each pick is for another client; servers have a few flows each, and {@code ewma} knows how long each takes.
 *
 * <p>{@code mvn -q -Pjmh -Djmh.args="PickBenchmark"}; one row of it: {@code "PickBenchmark.onOneThread -p scheduler=wrr -p servers=10000"};
 * with what a pick allocates: {@code "PickBenchmark -prof gc"}; names: {@link BenchSchedulers#find}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 2,
        jvmArgsAppend = {"-Djmh.executor=CUSTOM", "-Djmh.executor.class=io.clb.bench.micro.LoopExecutor"})
public class PickBenchmark {

    /** One pool for all threads. */
    @State(Scope.Benchmark)
    public static class Pool {

        /** What picks. */
        @Param({
            "wrr",
            "rr",
            "wrr/loop",
            "rr/loop",
            "wlc",
            "sch",
            "tch",
            "qch",
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

        /** Their weights: 1 to 100, or all 100. */
        @Param("varied")
        String weights = "";

        Scheduler picker = (flow, nowNanos) -> null;

        /**
         * Builds the scheduler, and tells it how long flows took.
         *
         * @param params how many threads there are
         */
        @Setup
        public void build(BenchmarkParams params) {
            BenchGroup group = BenchGroup.of(weights, servers, params.getThreads());
            picker = BenchSchedulers.find(scheduler).create(group, null);
            SplittableRandom random = new SplittableRandom(servers);
            for (Server server : group.servers()) {
                picker.released(
                        server, Outcome.SUCCESS, 1_000_000 + random.nextInt(9_000_000), random.nextInt(1_000_000_000));
            }
        }
    }

    /** The flows of each loop. */
    @State(Scope.Thread)
    public static class Clients {

        private MovingFlow flow = new MovingFlow(0);

        /**
         * Makes the flows of this loop.
         *
         * @param params how many loops there are
         */
        @Setup
        public void begin(BenchmarkParams params) {
            int loop = LoopExecutor.currentLoop();
            if (loop >= params.getThreads()) {
                throw new IllegalStateException("loop: " + loop + " (expected: below " + params.getThreads() + ")");
            }
            flow = new MovingFlow(loop);
        }

        MovingFlow next() {
            return flow.next();
        }
    }

    /**
     * The cost itself.
     *
     * @param pool what to pick from
     * @param clients whom to pick for
     * @return the pick
     */
    @Benchmark
    @Threads(1)
    public @Nullable Server onOneThread(Pool pool, Clients clients) {
        MovingFlow flow = clients.next();
        return pool.picker.pick(flow, flow.nowNanos());
    }

    /**
     * The cost where all loops do nothing else: the worst case for the words that they share.
     *
     * @param pool what to pick from
     * @param clients whom to pick for
     * @return the pick
     */
    @Benchmark
    @Threads(Threads.MAX)
    public @Nullable Server onAllThreads(Pool pool, Clients clients) {
        MovingFlow flow = clients.next();
        return pool.picker.pick(flow, flow.nowNanos());
    }

    /**
     * What the two others spend on flows and clock, without a pick.
     *
     * @param clients whom nobody picks for
     * @return the time
     */
    @Benchmark
    @Threads(1)
    public long withoutPick(Clients clients) {
        return clients.next().nowNanos();
    }
}
