package io.clb.bench.micro;

import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.LongPredicate;
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
 * Nanoseconds for one question to a limiter, on one event loop and on as many as there are CPUs, all of which share the limiter. Ours are told the time,
 * as loops do, which read the clock once per turn. The clocks of two loops must agree, or one of them is only refused.
 *
 * <p>{@code mvn -q -Pjmh -Djmh.args="TryAcquireBenchmark"}; one row of it: {@code "TryAcquireBenchmark.onAllThreads -p limiter=gcra/loop"}; with what a
 * question allocates: {@code "TryAcquireBenchmark -prof gc"}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 2,
        jvmArgsAppend = {"-Djmh.executor=CUSTOM", "-Djmh.executor.class=io.clb.bench.micro.LoopExecutor"})
public class TryAcquireBenchmark {

    /** One limiter for all threads. */
    @State(Scope.Benchmark)
    public static class Limit {

        /** What limits: one word, permits leased to each loop, a table with a million clients; others as they are shipped. */
        @Param({"gcra", "gcra/loop", "keyed", "peer:bucket4j", "peer:guava", "peer:resilience4j"})
        String limiter = "";

        /** Permits a second: so many that there always is one, or so few that there hardly ever is, as under an attack. */
        @Param({"1000000000", "1"})
        int total;

        IntFunction<LongPredicate> ofLoop = loop -> now -> false;

        /**
         * Makes the limiter.
         *
         * @param params how many threads there are
         */
        @Setup
        public void build(BenchmarkParams params) {
            ofLoop = BenchLimiters.find(limiter, total, params.getThreads());
        }
    }

    /** What one loop asks, and its clock. */
    @State(Scope.Thread)
    public static class Asker {

        /** Questions in a loop's turn, for which it reads the clock once. */
        private static final int A_TURN = 64;

        private LongPredicate limiter = now -> false;
        private long nowNanos;
        private int asked;

        /**
         * Finds out which loop this is.
         *
         * @param limit whom to ask
         */
        @Setup
        public void begin(Limit limit) {
            limiter = limit.ofLoop.apply(LoopExecutor.currentLoop());
        }

        boolean ask() {
            if (asked++ % A_TURN == 0) {
                nowNanos = System.nanoTime();
            }
            return limiter.test(nowNanos);
        }
    }

    /**
     * The cost itself.
     *
     * @param asker who asks
     * @return whether there was a permit
     */
    @Benchmark
    @Threads(1)
    public boolean onOneThread(Asker asker) {
        return asker.ask();
    }

    /**
     * The cost where all loops do nothing else: the worst case for the word that they share.
     *
     * @param asker who asks
     * @return whether there was a permit
     */
    @Benchmark
    @Threads(Threads.MAX)
    public boolean onAllThreads(Asker asker) {
        return asker.ask();
    }
}
