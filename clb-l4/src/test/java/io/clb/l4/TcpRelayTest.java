package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a client and a server notice of a TCP listener between them. */
@ExtendWith(LeakCheck.class)
final class TcpRelayTest {

    private static final long MEBIBYTE = 1 << 20;

    /** What does not move for so long is still. */
    private static final Duration STILL = Duration.ofMillis(100);

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void bytesGoBothWays(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start();
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("hello")).isTrue();
            client.send("again").finish();
            assertThat(client.readAll()).asString().isEqualTo("again");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void connectionsAreDealtByWeight(NettyEngine engine) throws Exception {
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(a, b))
                        .serverGroup("servers", g -> g.server(a.id(), s -> s.weight(30)))
                        .serverGroup("servers", g -> g.server(b.id(), s -> s.weight(10)))
                        .start()) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                try (Client client = Client.to(lb, "front")) {
                    names.add(client.line());
                }
            }
            assertThat(names).filteredOn(a.id()::equals).hasSize(6);
            assertThat(names).filteredOn(b.id()::equals).hasSize(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void muchGoesBothWaysAtOnceAndArrivesAsItWasSent(NettyEngine engine) throws Exception {
        long bytes = 64 * MEBIBYTE;
        CompletableFuture<Long> received = new CompletableFuture<>();
        Seen seen = new Seen();
        try (TestServer server = TestServer.of(socket -> {
                    CompletableFuture<Long> sum = Beside.call(() -> Bulk.receive(socket.getInputStream()));
                    Bulk.send(socket.getOutputStream(), bytes, 1);
                    socket.shutdownOutput();
                    received.complete(sum.join());
                });
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front")) {
            CompletableFuture<Long> sum =
                    Beside.call(() -> Bulk.receive(client.socket().getInputStream()));
            long sent = Bulk.send(client.socket().getOutputStream(), bytes, 2);
            client.finish();
            assertThat(received.get()).isEqualTo(sent);
            assertThat(sum.get()).isEqualTo(Bulk.sum(bytes, 1));
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.COMPLETED);
            assertThat(flow.bytesFromClient()).isEqualTo(bytes);
            assertThat(flow.bytesFromServer()).isEqualTo(bytes);
            assertThat(Balancers.front(lb).bytesFromClients()).isEqualTo(bytes);
            assertThat(Balancers.server(lb, server.id()).bytesFromServer()).isEqualTo(bytes);
            assertThat(Balancers.server(lb, server.id()).bytesToServer()).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aServerIsNotReadWhileTheClientDoesNotRead(NettyEngine engine) throws Exception {
        long bytes = 64 * MEBIBYTE;
        AtomicLong offered = new AtomicLong();
        try (TestServer server = TestServer.of(socket -> Bulk.send(counted(socket, offered), bytes, 3));
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        // or else it is as large as the system lets it grow
                        .listener("front", l -> l.receiveBuffer(1_048_576))
                        .start();
                Client client = Client.to(lb, "front")) {
            AtomicLong before = new AtomicLong(-1);
            await().pollInterval(STILL)
                    .until(() -> before.getAndSet(offered.get()) == offered.get() && offered.get() > 0);
            // What the buffers of the system hold on the client's side, and one read of the balancer's.
            assertThat(Balancers.front(lb).bytesFromServers()).isLessThan(16 * MEBIBYTE);
            assertThat(offered.get())
                    .as("what the system holds on both sides of it, too")
                    .isLessThan(bytes);
            assertThat(Bulk.receive(client.socket().getInputStream())).isEqualTo(Bulk.sum(bytes, 3));
        }
    }

    private static java.io.OutputStream counted(java.net.Socket socket, AtomicLong count) throws java.io.IOException {
        return new java.io.FilterOutputStream(socket.getOutputStream()) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws java.io.IOException {
                out.write(bytes, offset, length);
                count.addAndGet(length);
            }
        };
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aClientIsNotReadWhileTheServerDoesNotRead(NettyEngine engine) throws Exception {
        long bytes = 64 * MEBIBYTE;
        AtomicLong offered = new AtomicLong();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server.id())).start();
                Client client = Client.to(lb, "front");
                Client accepted = server.accept()) {
            CompletableFuture<Void> sent = Beside.run(() -> {
                Bulk.send(counted(client.socket(), offered), bytes, 4);
                client.finish();
            });
            AtomicLong before = new AtomicLong(-1);
            await().pollInterval(STILL)
                    .until(() -> before.getAndSet(offered.get()) == offered.get() && offered.get() > 0);
            assertThat(Balancers.front(lb).bytesFromClients()).isLessThan(16 * MEBIBYTE);
            assertThat(Bulk.receive(accepted.socket().getInputStream())).isEqualTo(Bulk.sum(bytes, 4));
            sent.get();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void countersTellOfOpenAndOfEndedConnections(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start()) {
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("hello")).isTrue();
                assertThat(Balancers.front(lb).active()).isEqualTo(1);
                assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(1);
                client.finish();
                assertThat(client.end()).isEqualTo(End.FIN);
            }
            await().until(() -> Balancers.front(lb).ended().equals(Map.of(Reason.COMPLETED, 1L)));
            assertThat(Balancers.front(lb).accepted()).isEqualTo(1);
            assertThat(Balancers.front(lb).active()).isZero();
            assertThat(Balancers.server(lb, server.id()).active()).isZero();
            assertThat(Balancers.server(lb, server.id()).connections()).isEqualTo(1);
        }
    }
}
