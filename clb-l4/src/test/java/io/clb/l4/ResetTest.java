package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections that do not end in good order: the other side must be able to tell. */
@ExtendWith(LeakCheck.class)
final class ResetTest {

    /** What does not move for so long is still. */
    private static final Duration STILL = Duration.ofMillis(100);

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aServerSeesThatTheClientReset(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server.id()))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front").send("x");
                Client accepted = server.accept()) {
            assertThat(accepted.read(1)).isEqualTo("x");
            client.reset();
            assertThat(accepted.end()).isEqualTo(End.RESET);
            assertThat(seen.next().reason()).isEqualTo(Reason.CLIENT_RESET);
            assertThat(Balancers.server(lb, server.id()).resets()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aClientSeesThatTheServerReset(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server.id()))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front").send("x");
                Client accepted = server.accept()) {
            assertThat(accepted.read(1)).isEqualTo("x");
            accepted.reset();
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(seen.next().reason()).isEqualTo(Reason.SERVER_RESET);
            assertThat(Balancers.server(lb, server.id()).resets()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aResetAfterTheOtherSidesFinIsStillAReset(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server.id()))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front").send("x").finish();
                Client accepted = server.accept()) {
            assertThat(accepted.readAll()).asString().isEqualTo("x");
            accepted.reset();
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(seen.next().reason()).isEqualTo(Reason.SERVER_RESET);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aServerThatAcceptsAndClosesDoesSoToTheClient(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.of(Socket::close);
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .observer(seen)
                        .start()) {
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.end()).isEqualTo(End.FIN);
            }
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.COMPLETED);
            assertThat(flow.bytesFromServer()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerThatSendsAndResetsDoesNotLookAsIfItHadFinished(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.of(socket -> {
                    socket.setSoLinger(true, 0);
                    socket.getInputStream().read();
                    socket.getOutputStream().write(new byte[100_000]);
                });
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front").send("x")) {
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(seen.next().reason()).isEqualTo(Reason.SERVER_RESET);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aResetReachesASideThatIsNotBeingRead(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server.id()))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front");
                Client accepted = server.accept()) {
            CompletableFuture<Void> sent =
                    Beside.run(() -> Bulk.send(accepted.socket().getOutputStream(), 64 << 20, 9));
            AtomicLong before = new AtomicLong();
            await().pollInterval(STILL).until(() -> {
                long now = Balancers.front(lb).bytesFromServers();
                return before.getAndSet(now) == now && now > 0;
            });
            client.reset();
            assertThat(seen.next().reason()).isEqualTo(Reason.CLIENT_RESET);
            assertThatThrownBy(() -> sent.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
        }
    }

    /** The reset may come before the balancer has seen that the connect was over. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerThatAcceptsAndResetsAtOnceIsToBlame(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.of(socket -> socket.setSoLinger(true, 0));
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .observer(seen)
                        .start()) {
            for (int i = 0; i < 20; i++) {
                assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
                assertThat(seen.next().reason()).isIn(Reason.SERVER_RESET, Reason.CONNECT_REFUSED);
            }
            assertThat(Balancers.front(lb).active()).isZero();
            assertThat(Balancers.server(lb, server.id()).active()).isZero();
        }
    }

    /** A client that has stopped reading, and a server that has sent all that there was room for, and then resets. */
    private static void resetWhileNobodyReads(LoadBalancer lb, Client accepted) throws Exception {
        CompletableFuture<Void> sent =
                Beside.run(() -> Bulk.send(accepted.socket().getOutputStream(), 64 << 20, 12));
        AtomicLong before = new AtomicLong();
        await().pollInterval(STILL).until(() -> {
            long now = Balancers.front(lb).bytesFromServers();
            return before.getAndSet(now) == now && now > 0;
        });
        accepted.reset();
        assertThatThrownBy(() -> sent.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
    }

    /** On NIO a reset is noticed when the balancer reads on, which it does when the client does. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aResetOfASideThatIsNotReadReachesTheOtherWhenThatReadsOn(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server.id()))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front");
                Client accepted = server.accept()) {
            resetWhileNobodyReads(lb, accepted);
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(seen.next().reason()).isEqualTo(Reason.SERVER_RESET);
        }
    }

    /** Or when it writes. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aResetOfASideThatIsNotReadReachesTheOtherWhenThatWrites(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server.id()))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front");
                Client accepted = server.accept()) {
            resetWhileNobodyReads(lb, accepted);
            End end = null;
            try {
                client.send("x");
            } catch (SocketException e) {
                // On epoll it has heard already, and hears it only once.
                end = End.RESET;
            }
            assertThat(seen.next().reason()).isEqualTo(Reason.SERVER_RESET);
            assertThat(end == null ? client.end() : end).isEqualTo(End.RESET);
        }
    }

    /** Or else when the connection is found idle. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aResetOfASideThatIsNotReadIsNotForgotten(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(server.id()))
                                .observer(seen)
                                .build());
                Client client = Client.to(lb, "front");
                Client accepted = server.accept()) {
            resetWhileNobodyReads(lb, accepted);
            // What waits to be written is looked at twice.
            for (int i = 0; i < 10; i++) {
                clock.advance(Duration.ofMinutes(2));
            }
            assertThat(seen.next().reason())
                    .isEqualTo(transport.equals("nio") ? Reason.IDLE_TIMEOUT : Reason.SERVER_RESET);
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(Balancers.server(lb, server.id()).active()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void nothingIsLeftOfAClientThatVanishedDuringTheConnect(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (HungServer hung = new HungServer();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(hung.id()))
                                .observer(seen)
                                .build())) {
            Client client = Client.to(lb, "front").send("x");
            Balancers.awaitConnecting(lb, hung.id());
            client.reset();
            if (transport.equals("nio")) {
                // It does not tell of a reset while nothing is read.
                clock.advance(Duration.ofSeconds(6));
                assertThat(seen.next().reason()).isEqualTo(Reason.CONNECT_TIMEOUT);
            } else {
                assertThat(seen.next().reason()).isEqualTo(Reason.CLIENT_GONE);
            }
            assertThat(Balancers.front(lb).active()).isZero();
            assertThat(Balancers.server(lb, hung.id()).active()).isZero();
        }
    }
}
