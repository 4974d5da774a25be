package io.clb.bench.micro;

import io.clb.ratelimit.GcraLimiter;
import io.clb.ratelimit.Share;
import io.clb.spi.RateLimiter;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Nanoseconds for one question to a limiter, on one thread and on as many as there are CPUs. The clock is passed in, as loops do: each
 * question comes later than the one before.
 *
 * <p>{@code mvn -q -Pjmh -Djmh.args="TryAcquireBenchmark"}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TryAcquireBenchmark {

    /** Limiters that all threads share. */
    @State(Scope.Benchmark)
    public static class Limits {

        /** 100 Gbit/s: earns far more than is asked for. */
        final RateLimiter wide = new GcraLimiter(Share.of(100_000_000_000L, 2), 1, 0);

        /** One a second: refuses nearly always. */
        final RateLimiter narrow = new GcraLimiter(Share.of(1, 2), 1, 0);
    }

    /** The clock of each thread. */
    @State(Scope.Thread)
    public static class Clock {

        private long nowNanos;

        long next() {
            return nowNanos += 10;
        }
    }

    /**
     * Takes a permit that is there.
     *
     * @param limits the limiters
     * @param clock the thread's clock
     * @return the wait
     */
    @Benchmark
    @Threads(1)
    public long takenOnOneThread(Limits limits, Clock clock) {
        return limits.wide.tryAcquire(1, clock.next());
    }

    /**
     * Takes permits on all threads at once.
     *
     * @param limits the limiters
     * @param clock the thread's clock
     * @return the wait
     */
    @Benchmark
    @Threads(Threads.MAX)
    public long takenOnAllThreads(Limits limits, Clock clock) {
        return limits.wide.tryAcquire(1, clock.next());
    }

    /**
     * Is refused.
     *
     * @param limits the limiters
     * @param clock the thread's clock
     * @return the wait
     */
    @Benchmark
    @Threads(1)
    public long refusedOnOneThread(Limits limits, Clock clock) {
        return limits.narrow.tryAcquire(1, clock.next());
    }

    /**
     * Is refused on all threads at once, as under an attack.
     *
     * @param limits the limiters
     * @param clock the thread's clock
     * @return the wait
     */
    @Benchmark
    @Threads(Threads.MAX)
    public long refusedOnAllThreads(Limits limits, Clock clock) {
        return limits.narrow.tryAcquire(1, clock.next());
    }
}
