package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.clb.AccessLog;
import io.clb.Config;
import io.clb.ConfigException;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the access log says of connections and associations, and how it ends. */
@ExtendWith(LeakCheck.class)
@SuppressWarnings("try") // closing is part of what this is about
final class AccessLogTest {

    private static final Duration SOON = Duration.ofMillis(10);
    private static final String PATTERN =
            "$client_ip $listener $upstream_addr $upstream_result $bytes_received $bytes_sent $session_time $reason $status";

    private final LogLines lines = new LogLines();

    private AccessLog log() {
        return AccessLog.to(lines).flushEvery(SOON).pattern(PATTERN);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void tellsOfConnectionsHoweverTheyEnd(NettyEngine engine) throws Exception {
        String nobody = "127.0.0.1:" + Ports.free();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(
                                engine,
                                Balancers.unchecked(nobody, server.id())
                                        .andThen(g -> g.scheduler(InOrder.of(nobody, server.id()))))
                        .accessLog(log())
                        .start()) {
            String tried = "127.0.0.1 front " + nobody + "," + server.id() + " connect-refused,completed ";
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("hello")).isTrue();
                assertThat(client.finish().end()).isEqualTo(End.FIN);
            }
            assertThat(lines.next()).matches(tried + "5 5 [0-9]\\.[0-9]{3} completed -");
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("hello")).isTrue();
                client.reset();
            }
            assertThat(lines.next()).matches(tried + "5 5 [0-9]\\.[0-9]{3} client-reset -");
            lb.update(c -> c.listener("front", l -> l.access(flow -> false)));
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.end()).isEqualTo(End.RESET);
            } catch (SocketException e) {
                // Reset before it had connected.
            }
            assertThat(lines.next()).isEqualTo("127.0.0.1 front - - 0 0 0.000 access-denied -");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void tellsOfTimes(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.echo();
                HungServer hung = new HungServer();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(server))
                                .serverGroup("hung", Balancers.unchecked(hung.id()))
                                .listener(
                                        "hung", l -> l.tcp(0).bind("127.0.0.1").forwardTo("hung"))
                                .accessLog(log())
                                .build());
                Client idle = Client.to(lb, "front");
                Client waiting = Client.to(lb, "hung")) {
            assertThat(idle.echoes("hello")).isTrue();
            await().until(() ->
                    lb.snapshot().serverGroup("hung").server(hung.id()).active() == 1);
            clock.advance(Duration.ofMillis(5_100));
            assertThat(waiting.end()).isEqualTo(End.RESET);
            clock.advance(SOON.multipliedBy(2));
            assertThat(lines.next())
                    .isEqualTo("127.0.0.1 hung " + hung.id() + " connect-timeout 0 0 5.100 connect-timeout -");
            clock.advance(Duration.ofMinutes(17));
            assertThat(idle.end()).isEqualTo(End.RESET);
            clock.advance(SOON.multipliedBy(2));
            assertThat(lines.next())
                    .matches("127.0.0.1 front " + server.id() + " completed 5 5 [0-9.]+ idle-timeout -");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void tellsOfAssociations(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = clock.start(
                        transport, Balancers.udp(server).accessLog(log()).build());
                UdpClient client = UdpClient.to(lb, "front")) {
            client.send("hello").receive();
            clock.advance(Duration.ofSeconds(21));
            clock.advance(SOON.multipliedBy(2));
            assertThat(lines.next()).isEqualTo("127.0.0.1 front " + server.id() + " completed 5 5 21.000 completed -");
        }
    }

    @Test
    void whatIsOpenWhenTheBalancerClosesIsWrittenToo(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("access.log");
        try (TestServer server = TestServer.echo()) {
            try (LoadBalancer lb = Balancers.tcp(NettyEngine.nio().threads(2), Balancers.unchecked(server))
                            .accessLog(AccessLog.file(file)
                                    .flushEvery(Duration.ofSeconds(10))
                                    .pattern("$reason"))
                            .start();
                    Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("hello")).isTrue();
                lb.close();
                assertThat(lb.snapshot().accessLog().lines()).isEqualTo(1);
            }
            assertThat(Files.readAllLines(file)).containsExactly("shutdown");
            assertThat(Balancers.threads("test")).isEmpty();
        }
    }

    @Test
    void aSinkThatNeverReturnsHoldsUpNoCloseForLong() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch forEver = new CountDownLatch(1);
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(NettyEngine.nio().threads(1), Balancers.unchecked(server))
                        .accessLog(AccessLog.to(batch -> {
                                    called.countDown();
                                    try {
                                        forEver.await();
                                    } catch (InterruptedException e) {
                                        throw new IOException("interrupted", e);
                                    }
                                })
                                .flushEvery(SOON))
                        .start()) {
            for (int i = 0; i < 3; i++) {
                try (Client client = Client.to(lb, "front")) {
                    assertThat(client.echoes("hello")).isTrue();
                    assertThat(client.finish().end()).isEqualTo(End.FIN);
                }
                called.await();
            }
            lb.close();
            Snapshot.AccessLog log = lb.snapshot().accessLog();
            assertThat(log.lines()).isZero();
            assertThat(log.droppedLines()).isEqualTo(3);
            assertThat(log.lastFailure()).endsWith("interrupted");
        }
        assertThat(Balancers.threads("test")).isEmpty();
    }

    @Test
    void whatEndsOnAListenerThatWasRemovedIsWrittenAsBefore(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("access.log");
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(NettyEngine.epoll().threads(1), Balancers.unchecked(server))
                        .listener(
                                "front",
                                l -> l.accessLog(
                                        AccessLog.file(file).flushEvery(SOON).pattern("$listener $reason")))
                        .start();
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("hello")).isTrue();
            lb.update(c -> c.removeListener("front"));
            assertThat(client.echoes("still")).isTrue();
            assertThat(client.finish().end()).isEqualTo(End.FIN);
            await().untilAsserted(() -> assertThat(Files.readAllLines(file)).containsExactly("front completed"));
        }
    }

    @Test
    void aFileThatCannotBeOpenedIsRefused(@TempDir Path dir) throws Exception {
        Path nowhere = dir.resolve("none").resolve("access.log");
        Config.Builder config =
                Balancers.tcp(Balancers.unchecked("127.0.0.1:1")).accessLog(AccessLog.file(nowhere));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(config::start)
                .withMessageStartingWith("listener front: accessLog: " + nowhere
                        + " (expected: a file that can be written, in a directory that exists: ");
        try (LoadBalancer lb = config.accessLog(null).start()) {
            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(() -> lb.update(c -> c.accessLog(AccessLog.file(nowhere))));
            assertThat(lb.config().accessLog()).isNull();
        }
    }
}
