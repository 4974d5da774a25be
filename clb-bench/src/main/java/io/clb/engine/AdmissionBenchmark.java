package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.Limit;
import io.clb.bench.micro.LoopExecutor;
import io.clb.ratelimit.GcraLimiters;
import io.clb.spi.Reason;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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
 * What limits cost a request: all that stands between a head that was read and the answer whether it may go on, counting included. All loops share the
 * limits.
 *
 * <p>{@code mvn -q -Pjmh -Djmh.args="AdmissionBenchmark"}; with what it allocates: {@code "AdmissionBenchmark -prof gc"}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 2,
        jvmArgsAppend = {"-Djmh.executor=CUSTOM", "-Djmh.executor.class=io.clb.bench.micro.LoopExecutor"})
public class AdmissionBenchmark {

    /** So many that there always is a permit. */
    private static final long PLENTY = 1_000_000_000;

    private static final long PLENTY_FOR_ONE = 1_000_000;

    /** The limits of all loops. */
    @State(Scope.Benchmark)
    public static class Limited {

        /** Where there are limits of requests; {@code client} is one for each address, on the rule. */
        @Param({"none", "listener", "listener rule", "balancer listener rule", "listener rule client"})
        String limits = "";

        LimitChain chain = LimitChain.NONE;

        /**
         * Makes them.
         *
         * @param params how many loops there are
         */
        @Setup
        public void build(BenchmarkParams params) {
            Limits made = new Limits(
                    "bench", Map.of("gcra", new GcraLimiters()), params.getThreads(), new Observers("bench"));
            List<RunLimit> narrowFirst = new ArrayList<>();
            if (limits.contains("rule")) {
                Map<Limit.Kind, Limit> ofRule = new EnumMap<>(Limit.Kind.class);
                ofRule.put(Limit.Kind.QPS, Limit.qps(PLENTY));
                if (limits.contains("client")) {
                    ofRule.put(Limit.Kind.QPS_PER_CLIENT, Limit.qpsPerClient(PLENTY_FOR_ONE));
                }
                narrowFirst.addAll(made.prepare("bench", ofRule, kind -> 1, 64, List.of(), System.nanoTime()));
            }
            for (String scope : List.of("listener", "balancer")) {
                if (limits.contains(scope)) {
                    narrowFirst.addAll(made.prepare(
                            "bench",
                            Map.of(Limit.Kind.QPS, Limit.qps(PLENTY)),
                            kind -> 1,
                            64,
                            List.of(),
                            System.nanoTime()));
                }
            }
            chain = LimitChain.of(narrowFirst, params.getThreads(), LimitChain.NONE);
        }
    }

    /** One loop's requests: from so many clients in turn. */
    @State(Scope.Thread)
    public static class Requests {

        private static final int CLIENTS = 4_096;

        /** Requests in a loop's turn, for which it reads the clock once. */
        private static final int A_TURN = 64;

        private final Asking[] clients = new Asking[CLIENTS];
        private final Traffic traffic = new Traffic(Transports.named("nio"), new Observers("bench"));
        private long nowNanos;
        private int asked;

        /** Makes them. */
        @Setup
        public void build() {
            Loop loop = new Loop(
                    LoopExecutor.currentLoop(),
                    new EmbeddedChannel().eventLoop(),
                    () -> nowNanos,
                    EngineSetup.ALLOCATOR);
            RunListener listener = new RunListener("bench", LoopExecutor.currentLoop() + 1);
            for (int i = 0; i < CLIENTS; i++) {
                String address = "10." + LoopExecutor.currentLoop() + "." + i / 256 + "." + i % 256;
                clients[i] = new Asking(loop, listener, new InetSocketAddress(address, 40_000));
            }
        }

        @Nullable
        Reason ask(LimitChain chain) {
            if (asked++ % A_TURN == 0) {
                nowNanos = System.nanoTime();
            }
            Admission admission = chain.requests();
            Asking client = requireNonNull(clients[asked % CLIENTS]);
            return admission == null ? null : admission.judge(client, traffic);
        }
    }

    /**
     * The cost on one loop.
     *
     * @param limited the limits
     * @param requests who asks
     * @return null if the request may go on
     */
    @Benchmark
    @Threads(1)
    public @Nullable Reason onOneThread(Limited limited, Requests requests) {
        return requests.ask(limited.chain);
    }

    /**
     * The cost where all loops do nothing else.
     *
     * @param limited the limits
     * @param requests who asks
     * @return null if the request may go on
     */
    @Benchmark
    @Threads(Threads.MAX)
    public @Nullable Reason onAllThreads(Limited limited, Requests requests) {
        return requests.ask(limited.chain);
    }

    /** A request that is only judged. */
    private static final class Asking extends LoopFlow {

        Asking(Loop loop, RunListener listener, InetSocketAddress client) {
            super(loop, listener, new Origin(client, client, null));
        }

        @Override
        protected void abort(Reason reason) {
            throw new AssertionError("it is on no list");
        }

        @Override
        protected void expired(long nowNanos) {
            throw new AssertionError("it has no timeout");
        }

        @Override
        protected @Nullable RunServer server() {
            return null;
        }

        @Override
        protected long connectNanos() {
            return 0;
        }
    }
}
