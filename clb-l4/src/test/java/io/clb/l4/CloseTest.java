package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The end at once, and what is left of a balancer after it. */
@ExtendWith(LeakCheck.class)
@SuppressWarnings("try") // closing is what this is about
final class CloseTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    private static final String NAME = "test";

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void closeResetsAtOnce(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer()) {
            LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server.id()))
                    .observer(seen)
                    .start();
            try (lb;
                    Client client = Client.to(lb, "front").send("x");
                    Client accepted = server.accept()) {
                assertThat(accepted.read(1)).isEqualTo("x");
                lb.close();
                assertThat(Balancers.threads(NAME)).isEmpty();
                assertThat(client.end()).isEqualTo(End.RESET);
                assertThat(accepted.end()).isEqualTo(End.RESET);
                assertThat(seen.next().reason()).isEqualTo(Reason.SHUTDOWN);
                assertThat(lb.snapshot().listener("front").ended()).containsEntry(Reason.SHUTDOWN, 1L);
                assertThatCode(lb::close).doesNotThrowAnyException();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anInterruptedThreadMayCloseToo(NettyEngine engine) {
        LoadBalancer lb = Balancers.tcp(engine, g -> {}).start();
        Thread.currentThread().interrupt();
        lb.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(Balancers.threads(NAME)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void closeShortensAShutdown(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start();
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("x")).isTrue();
            CompletableFuture<Void> down = lb.shutdown(MINUTE).toCompletableFuture();
            assertThat(down).isNotDone();
            lb.close();
            // It may be another thread that tells of it.
            assertThat(down).succeedsWithin(TEN_SECONDS);
            assertThat(client.end()).isEqualTo(End.RESET);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void callsAfterTheEndSayThatItHasEnded(NettyEngine engine) {
        LoadBalancer lb = Balancers.tcp(engine, g -> {}).start();
        lb.close();
        assertThatThrownBy(() -> lb.update(c -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("balancer test is closed");
        assertThat(lb.updateAsync(c -> {}).toCompletableFuture()).isCompletedExceptionally();
        assertThatThrownBy(() -> lb.updateAsync(c -> {}).toCompletableFuture().join())
                .hasCauseInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("balancer test is closed");
        assertThat(lb.shutdown(Duration.ZERO).toCompletableFuture()).succeedsWithin(TEN_SECONDS);
        assertThat(lb.shutdown(MINUTE).toCompletableFuture()).succeedsWithin(TEN_SECONDS);
        assertThat(lb.name()).isEqualTo("test");
        assertThat(lb.config().listeners()).containsKey("front");
        assertThat(lb.snapshot().listeners()).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void itIsNotClosedFromItsOwnThreads(NettyEngine engine) throws Exception {
        CompletableFuture<Throwable> refused = new CompletableFuture<>();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start()) {
            lb.update(c -> c.listener(
                    "front",
                    l -> l.access(flow -> {
                        try {
                            lb.close();
                        } catch (IllegalStateException e) {
                            refused.complete(e);
                        }
                        return true;
                    })));
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("still there")).isTrue();
            }
            assertThat(refused).isCompleted();
            assertThat(refused.get()).hasMessageContaining("close waits").hasMessageContaining("use shutdown there");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void everyUpdateAsyncEndsOneWayOrTheOther(NettyEngine engine) throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        List<CompletableFuture<Void>> all = new ArrayList<>();
        try (LoadBalancer lb = Balancers.tcp(engine, g -> {}).start()) {
            all.add(lb.updateAsync(c -> {
                        running.countDown();
                        awaitQuietly(release);
                    })
                    .toCompletableFuture());
            running.await();
            for (int i = 0; i < 3; i++) {
                all.add(lb.updateAsync(c -> {}).toCompletableFuture());
            }
        }
        for (CompletableFuture<Void> update : all) {
            assertThatThrownBy(() -> update.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("balancer test is closed");
        }
        await().untilAsserted(() -> assertThat(Balancers.threads(NAME)).isEmpty());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
