package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.ConfigException;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How a balancer ends. */
@ExtendWith(LeakCheck.class)
@SuppressWarnings("try") // closing is what this is about
final class ShutdownTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    private static final String NAME = "test";

    /** Returns when a shutdown has begun, with the time that it has. */
    static void awaitBegun(LoadBalancer lb) {
        assertThatThrownBy(() -> lb.update(c -> {})).isInstanceOf(IllegalStateException.class);
    }

    private static void assertNothingLeft() {
        await().untilAsserted(() -> assertThat(Balancers.threads(NAME)).isEmpty());
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void openConnectionsFinishAndThenItEndsEarly(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .observer(seen)
                        .start();
                Client one = Client.to(lb, "front");
                Client two = Client.to(lb, "front")) {
            assertThat(one.echoes("begun")).isTrue();
            assertThat(two.echoes("begun")).isTrue();
            int port = lb.address("front").getPort();
            CompletableFuture<Void> down = lb.shutdown(MINUTE).toCompletableFuture();
            await().until(() -> Ports.isFree(port));
            assertThat(one.echoes("going on")).isTrue();
            one.finish();
            assertThat(one.end()).isEqualTo(End.FIN);
            assertThat(two.echoes("the last one")).isTrue();
            assertThat(down).isNotDone();
            two.finish();
            assertThat(two.end()).isEqualTo(End.FIN);
            assertThat(down).succeedsWithin(TEN_SECONDS);
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            assertNothingLeft();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void whatIsOpenAtTheDeadlineIsReset(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(server.id()))
                                .observer(seen)
                                .build());
                Client client = Client.to(lb, "front").send("x");
                Client accepted = server.accept()) {
            assertThat(accepted.read(1)).isEqualTo("x");
            int port = lb.address("front").getPort();
            CompletableFuture<Void> down = lb.shutdown(MINUTE).toCompletableFuture();
            await().until(() -> Ports.isFree(port));
            awaitBegun(lb);
            accepted.send("y");
            assertThat(client.read(1)).isEqualTo("y");
            clock.advance(MINUTE.minusMillis(1));
            accepted.send("z");
            assertThat(client.read(1)).isEqualTo("z");
            clock.advance(Duration.ofMillis(1));
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(accepted.end()).isEqualTo(End.RESET);
            assertThat(seen.next().reason()).isEqualTo(Reason.SHUTDOWN);
            assertThat(down).succeedsWithin(TEN_SECONDS);
            assertNothingLeft();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anUpdateDuringTheShutdownIsRefused(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start();
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("x")).isTrue();
            lb.shutdown(MINUTE);
            assertThatThrownBy(() -> lb.update(c ->
                            c.listener("late", l -> l.tcp(0).bind("127.0.0.1").forwardTo("servers"))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("balancer test is shutting down");
            assertThat(client.echoes("still there")).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aDrainOutOfRangeIsRefused(NettyEngine engine) {
        try (LoadBalancer lb = Balancers.tcp(engine, g -> {}).start()) {
            assertThatThrownBy(() -> lb.shutdown(Duration.ofMinutes(15).plusMillis(1)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("PT15M0.001S (expected: 0 s to 900 s)");
            assertThatThrownBy(() -> lb.shutdown(Duration.ofMillis(-1))).isInstanceOf(ConfigException.class);
            assertThatCode(() -> lb.update(c -> {})).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneConnectionIsWaitedForHoweverManyEndAtOnce(NettyEngine engine) throws Exception {
        for (int round = 0; round < 20; round++) {
            try (TestServer server = TestServer.echo();
                    LoadBalancer lb = Balancers.tcp(engine.threads(4), Balancers.unchecked(server))
                            .start();
                    Client last = Client.to(lb, "front")) {
                assertThat(last.echoes("begun")).isTrue();
                List<Client> others = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    others.add(Client.to(lb, "front"));
                }
                await().pollInterval(Duration.ofMillis(5)).until(() -> server.open() == 17);
                CompletableFuture<Void> down = lb.shutdown(MINUTE).toCompletableFuture();
                for (Client other : others) {
                    other.reset();
                }
                await().pollInterval(Duration.ofMillis(5)).until(() -> server.open() == 1);
                assertThat(last.echoes("still there")).isTrue();
                assertThat(down).isNotDone();
                last.finish();
                assertThat(last.end()).isEqualTo(End.FIN);
                assertThat(down).succeedsWithin(TEN_SECONDS);
            }
        }
    }
}
