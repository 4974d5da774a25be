package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.spi.HealthChecker;
import io.clb.spi.Probe;
import io.clb.spi.ServerState;
import io.clb.spi.Verdict;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks of the application's own, of which nobody knows whether they keep their word. */
@ExtendWith(LeakCheck.class)
final class CustomCheckTest {

    private static final String SERVER = "127.0.0.1:1";

    private static LoadBalancer start(NettyEngine engine, HealthChecker checker) {
        HealthCheck check = HealthCheck.custom(checker)
                .interval(Duration.ofMillis(100))
                .timeout(Duration.ofMinutes(5))
                .unhealthyThreshold(2);
        return Balancers.tcp(engine, Balancers.checked(check, SERVER)).start();
    }

    private static void awaitState(LoadBalancer lb, ServerState state, String why) {
        await().until(() -> Balancers.server(lb, SERVER).state() == state);
        assertThat(Balancers.server(lb, SERVER).why()).isEqualTo(why);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void itsVerdictsCount(NettyEngine engine) {
        AtomicReference<Verdict> verdict = new AtomicReference<>(Verdict.ok());
        try (LoadBalancer lb = start(engine, probe -> CompletableFuture.completedFuture(verdict.get()))) {
            awaitState(lb, ServerState.UP, "healthy");
            verdict.set(Verdict.failed("replica lags 90 s"));
            awaitState(lb, ServerState.DOWN, "replica lags 90 s");
            verdict.set(new Verdict(true, "replica lags 1 s"));
            awaitState(lb, ServerState.UP, "replica lags 1 s");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneThatThrowsHasFailed(NettyEngine engine) {
        try (LoadBalancer lb = start(engine, probe -> {
            throw new IllegalStateException("on purpose");
        })) {
            awaitState(lb, ServerState.DOWN, "the check failed: java.lang.IllegalStateException: on purpose");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneThatEndsExceptionallyHasFailed(NettyEngine engine) {
        try (LoadBalancer lb = start(
                engine,
                probe -> CompletableFuture.supplyAsync(
                        () -> {
                            throw new IllegalStateException("on purpose");
                        },
                        probe.blocking()))) {
            awaitState(lb, ServerState.DOWN, "the check failed: java.lang.IllegalStateException: on purpose");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    @SuppressWarnings("NullAway") // what a careless checker does
    void oneThatGivesNoVerdictHasFailed(NettyEngine engine) {
        try (LoadBalancer lb = start(engine, probe -> CompletableFuture.completedFuture(null))) {
            awaitState(lb, ServerState.DOWN, "the check gave no verdict");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    @SuppressWarnings("NullAway") // what a careless checker does
    void oneThatReturnsNothingHasFailed(NettyEngine engine) {
        try (LoadBalancer lb = start(engine, probe -> null)) {
            awaitState(
                    lb,
                    ServerState.DOWN,
                    "the check failed: java.lang.NullPointerException: the checker returned null");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void oneThatDoesNotEndHasFailedAfterTheTimeoutAndIsCancelled(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        ManualCheck check = new ManualCheck();
        HealthCheck slow = HealthCheck.custom(check)
                .timeout(Duration.ofSeconds(30))
                .interval(Duration.ofSeconds(2))
                .unhealthyThreshold(1)
                .healthyThreshold(1);
        try (LoadBalancer lb = clock.start(
                transport, Balancers.tcp(Balancers.checked(slow, SERVER)).build())) {
            ManualCheck.Asked first = check.next(clock, Duration.ofSeconds(2));
            clock.advance(Duration.ofSeconds(20));
            assertThat(first.answer()).isNotDone();
            clock.advance(Duration.ofSeconds(10).plusMillis(5));
            awaitState(lb, ServerState.DOWN, "no answer within 30 s");
            await().until(first.answer()::isCancelled);
            check.next(clock, Duration.ofSeconds(2)).answer().complete(Verdict.ok());
            awaitState(lb, ServerState.UP, "healthy");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void itMayBlockOnTheProbesExecutorAndOnItsOwnThread(NettyEngine engine) throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CompletableFuture<Probe> seen = new CompletableFuture<>();
        try (LoadBalancer lb = start(engine, probe -> {
            seen.complete(probe);
            return CompletableFuture.supplyAsync(
                    () -> {
                        awaitQuietly(release);
                        return new Verdict(true, Thread.currentThread().getName());
                    },
                    probe.blocking());
        })) {
            Probe probe = seen.get(10, TimeUnit.SECONDS);
            assertThat(Balancers.server(lb, SERVER).state()).isEqualTo(ServerState.CHECKING);
            release.countDown();
            awaitState(lb, ServerState.UP, "test-blocking");
            assertThat(probe.host()).isEqualTo("127.0.0.1");
            assertThat(probe.port()).isEqualTo(1);
            assertThat(probe.timeout()).isEqualTo(Duration.ofMinutes(5));
            assertThat(probe.server().id()).isEqualTo(SERVER);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneThatBlocksTooLongIsInterrupted(NettyEngine engine) throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(2);
        HealthCheck blocking = HealthCheck.custom(probe -> {
                    probe.blocking().execute(() -> {
                        awaitQuietly(never);
                        interrupted.countDown();
                    });
                    awaitQuietly(never);
                    interrupted.countDown();
                    return new CompletableFuture<>();
                })
                .timeout(Duration.ofMillis(100))
                .unhealthyThreshold(1);
        try (LoadBalancer lb =
                Balancers.tcp(engine, Balancers.checked(blocking, SERVER)).start()) {
            awaitState(lb, ServerState.DOWN, "no answer within 100 ms");
            assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneThatCannotBeCancelledIsAskedAgain(NettyEngine engine) throws Exception {
        CountDownLatch asked = new CountDownLatch(3);
        HealthCheck stubborn = HealthCheck.custom(probe -> {
                    asked.countDown();
                    return new CompletableFuture<Verdict>() {
                        @Override
                        public boolean cancel(boolean mayInterruptIfRunning) {
                            throw new UnsupportedOperationException("on purpose");
                        }
                    };
                })
                .timeout(Duration.ofMillis(100))
                .interval(Duration.ofMillis(100))
                .unhealthyThreshold(1);
        try (LoadBalancer lb =
                Balancers.tcp(engine, Balancers.checked(stubborn, SERVER)).start()) {
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            awaitState(lb, ServerState.DOWN, "no answer within 100 ms");
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneThatBlocksForEverDoesNotHoldUpTheEnd(NettyEngine engine) throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        try (LoadBalancer lb = start(engine, probe -> {
            begun.countDown();
            awaitQuietly(never);
            return CompletableFuture.completedFuture(Verdict.ok());
        })) {
            begun.await();
            assertThat(Balancers.server(lb, SERVER).state()).isEqualTo(ServerState.CHECKING);
        }
        await().until(() -> Balancers.threads("test").isEmpty());
    }
}
