package io.clb.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Limit;
import io.clb.spi.KeyedRateLimiter;
import io.clb.spi.Quota;
import io.clb.spi.RateLimiter;
import io.clb.spi.Reason;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Flows that must pass several limits, with limiters that do as they are told. */
final class AdmissionTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long SHORT = 5;

    /** Answers as the test wants, and notes what it was asked. */
    private final class Told implements RateLimiter, KeyedRateLimiter {

        private final String name;
        private long peek;
        private long take;
        private @Nullable RuntimeException thrown;

        Told(String name) {
            this.name = name;
        }

        private long said(String what, long answer) {
            asked.add(name + " " + what);
            if (thrown != null) {
                throw thrown;
            }
            return answer;
        }

        @Override
        public long tryAcquire(long permitsOrKey, long nowNanos) {
            return said("take", take);
        }

        @Override
        public long peek(long permitsOrKey, long nowNanos) {
            return said("peek", peek);
        }

        @Override
        public long reserve(long permits, long nowNanos) {
            throw new AssertionError("flows have no line");
        }

        @Override
        public void giveBack(long permits, long takenNanos, long nowNanos) {
            asked.add(name + " back " + permits + " after " + (nowNanos - takenNanos));
        }

        @Override
        public long shared() {
            return 0;
        }
    }

    /** A flow that does nothing. */
    private static final class Arrived extends LoopFlow {

        Arrived(Loop loop) {
            super(
                    loop,
                    new RunListener("front", 1),
                    new Origin(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1_000),
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 80),
                            null));
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

    private final List<String> asked = new ArrayList<>();
    private final FakeClock clock = new FakeClock();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Loop loop = new Loop(0, channel.eventLoop(), clock, EngineSetup.ALLOCATOR);
    private final Traffic traffic = new Traffic(Transports.named("nio"), new Observers("admission-test"));
    private final Told rule = new Told("rule");
    private final Told listener = new Told("listener");
    private final Told balancer = new Told("balancer");
    private final Told client = new Told("client");
    private final RunLimit ofRule = limit(Limit.qps(1), rule);
    private final RunLimit ofListener = limit(Limit.qps(1), listener);
    private final RunLimit ofBalancer = limit(Limit.qps(1), balancer);
    private final RunLimit ofClient = limit(Limit.qpsPerClient(1), client);

    @AfterEach
    void close() {
        channel.close();
    }

    private static RunLimit limit(Limit limit, Object limiter) {
        return new RunLimit(
                new RunLimit.Id(limit.kind(), null),
                limit,
                new Quota(limit.total(), limit.period(), 1, 1, Quota.Unit.FLOW),
                quota -> "1",
                new LimitMeter(1),
                1,
                limiter,
                0,
                64,
                new Observers("admission-test"),
                null);
    }

    private @Nullable Reason judge(RunLimit... limits) {
        asked.clear();
        return requireNonNull(Admission.of(List.of(limits))).judge(new Arrived(loop), traffic);
    }

    private long retryAfter(RunLimit... limits) {
        return requireNonNull(Admission.of(List.of(limits))).retryAfterSeconds(new Arrived(loop), traffic);
    }

    private long passed(RunLimit limit) {
        return limit.meter().lastSecond(clock.nanoTime() + SECOND);
    }

    @Test
    void isNothingWithoutLimits() {
        assertThat(Admission.of(List.of())).isNull();
    }

    @Test
    void takesAPermitOfEach() {
        assertThat(judge(ofRule, ofListener, ofBalancer)).isNull();
        assertThat(asked)
                .containsExactly(
                        "rule peek", "listener peek", "balancer peek", "rule take", "listener take", "balancer take");
        assertThat(List.of(ofRule, ofListener, ofBalancer))
                .allSatisfy(limit -> assertThat(passed(limit)).isEqualTo(1));
    }

    @Test
    void asksOneAloneOnce() {
        assertThat(judge(ofRule)).isNull();
        rule.take = SHORT;
        assertThat(judge(ofRule)).isEqualTo(Reason.LIMIT_QPS);
        assertThat(asked).containsExactly("rule take");
    }

    @Test
    void takesNothingOfTheOthersIfOneHasNothing() {
        balancer.peek = SHORT;
        assertThat(judge(ofRule, ofListener, ofBalancer)).isEqualTo(Reason.LIMIT_QPS);
        assertThat(asked).containsExactly("rule peek", "listener peek", "balancer peek");
        assertThat(passed(ofRule)).isZero();
        assertThat(ofRule.meter().refused()).isZero();
        assertThat(ofBalancer.meter().refused()).isEqualTo(1);
    }

    /** Another loop took what was left between the question and the taking. */
    @Test
    void givesBackWhatWasTakenIfOneRefusesAfterAll() {
        balancer.take = SHORT;
        assertThat(judge(ofRule, ofListener, ofBalancer)).isEqualTo(Reason.LIMIT_QPS);
        assertThat(asked.subList(3, asked.size()))
                .containsExactly(
                        "rule take",
                        "listener take",
                        "balancer take",
                        "rule back 1 after 0",
                        "listener back 1 after 0");
        assertThat(passed(ofRule)).isZero();
        assertThat(ofRule.meter().refused()).isZero();
        assertThat(ofBalancer.meter().refused()).isEqualTo(1);
    }

    /** Their permits cannot be given back. */
    @Test
    void takesThoseOfKeysLast() {
        balancer.take = SHORT;
        assertThat(judge(ofClient, ofBalancer)).isEqualTo(Reason.LIMIT_QPS);
        assertThat(asked).containsExactly("balancer peek", "client peek", "balancer take");
        balancer.take = 0;
        client.take = SHORT;
        assertThat(judge(ofClient, ofBalancer)).isEqualTo(Reason.LIMIT_QPS_PER_CLIENT);
        assertThat(asked)
                .containsExactly(
                        "balancer peek", "client peek", "balancer take", "client take", "balancer back 1 after 0");
    }

    @Test
    void endsTheFlowIfALimiterThrowsWhenItIsAsked() {
        listener.thrown = new IllegalStateException("on purpose");
        assertThat(judge(ofRule, ofListener, ofBalancer)).isEqualTo(Reason.EXTENSION_FAILED);
        assertThat(asked).containsExactly("rule peek", "listener peek");
        assertThat(ofListener.meter().refused()).isZero();
    }

    @Test
    void givesBackWhatWasTakenIfALimiterThrows() {
        RunLimit throwing = limit(Limit.qps(1), new RateLimiter() {
            @Override
            public long tryAcquire(long permits, long nowNanos) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public long reserve(long permits, long nowNanos) {
                throw new AssertionError("flows have no line");
            }
        });
        assertThat(judge(ofRule, throwing)).isEqualTo(Reason.EXTENSION_FAILED);
        assertThat(asked).containsExactly("rule peek", "rule take", "rule back 1 after 0");
        assertThat(passed(ofRule)).isZero();
    }

    @Test
    void tellsWhenToComeAgainInWholeSecondsRoundedUp() {
        RunLimit saying = limit(Limit.qps(1).retryAfter(), rule);
        long[][] waits = {{0, 0}, {1, 1}, {SECOND - 1, 1}, {SECOND, 1}, {SECOND + 1, 2}, {3_600 * SECOND, 3_600}};
        for (long[] wait : waits) {
            rule.peek = wait[0];
            assertThat(retryAfter(saying)).as("%s ns", wait[0]).isEqualTo(wait[1]);
            assertThat(retryAfter(ofRule)).isZero();
        }
    }

    @Test
    void tellsTheLongestWaitOfThoseThatSayIt() {
        rule.peek = 2 * SECOND;
        listener.peek = 9 * SECOND;
        balancer.peek = 4 * SECOND;
        RunLimit saying = limit(Limit.qps(1).retryAfter(), rule);
        RunLimit sayingToo = limit(Limit.qps(1).retryAfter(), balancer);
        assertThat(retryAfter(saying, ofListener, sayingToo)).isEqualTo(4);
    }

    @Test
    void tellsNothingIfALimiterThrowsWhenItIsAskedAgain() {
        rule.thrown = new IllegalStateException("on purpose");
        assertThat(retryAfter(limit(Limit.qps(1).retryAfter(), rule))).isZero();
    }
}
