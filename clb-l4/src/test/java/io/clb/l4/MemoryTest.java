package io.clb.l4;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.ProxyProtocol;
import io.clb.spi.Reason;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a balancer holds for those who do not read. */
@ExtendWith(LeakCheck.class)
final class MemoryTest {

    private static final int MEBIBYTE = 1 << 20;
    /** The largest. */
    private static final int READ = 256 * 1_024;

    private static final int FLOODED = 200;

    private static LoadBalancer start(NettyEngine engine, TestServer server, int mebibytes) {
        // The system takes little towards clients, so that the balancer has to hold the rest.
        Config.Builder config =
                Balancers.tcp(engine, Balancers.unchecked(server)).listener("front", l -> l.sendBuffer(64 * 1_024));
        return config.maxBufferedMiB(mebibytes).start();
    }

    private static long held(LoadBalancer lb) {
        return lb.snapshot().bufferedBytes();
    }

    private static long ended(LoadBalancer lb, Reason reason) {
        return Balancers.front(lb).ended().getOrDefault(reason, 0L);
    }

    private static void close(List<Client> clients) throws IOException {
        for (Client client : clients) {
            client.close();
        }
    }

    /** Sends what the sockets on the way take and a little more, then ends as the test says. */
    private static void floods(Socket socket, boolean half) throws IOException {
        OutputStream out = socket.getOutputStream();
        for (int sent = 0; sent < 4 * MEBIBYTE; sent += 64 * 1_024) {
            out.write(new byte[64 * 1_024]);
        }
        if (half) {
            socket.shutdownOutput();
            socket.getInputStream().read();
        }
    }

    /** Netty's epoll reads to the end once a FIN has come: all that the system had for the balancer, of 200 connections at once. */
    private static void staysWithinItsBudget(NettyEngine engine, boolean half) throws Exception {
        long before = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        List<Client> clients = new ArrayList<>();
        try (TestServer server = TestServer.of(socket -> floods(socket, half));
                LoadBalancer lb = start(engine, server, 8)) {
            for (int i = 0; i < FLOODED; i++) {
                try {
                    clients.add(Client.to(lb, "front"));
                } catch (SocketException refused) {
                    // It may be over before the connect is.
                }
            }
            await().until(() -> {
                // An eighth above it flows end, whosever they are; and what each loop has just read, and looks at next.
                assertThat(held(lb)).isLessThanOrEqualTo(9L * MEBIBYTE + 2 * READ);
                return ended(lb, Reason.MEMORY) > 0;
            });
            assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() - before)
                    .isLessThan(64L * MEBIBYTE);
            assertThat(lb.snapshot().maxBufferedBytes()).isEqualTo(8L * MEBIBYTE);
            close(clients);
            await().until(() -> Balancers.front(lb).active() == 0);
            assertThat(held(lb)).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void staysWithinItsBudgetWhenFloodingServersHalfClose(NettyEngine engine) throws Exception {
        staysWithinItsBudget(engine, true);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void staysWithinItsBudgetWhenFloodingServersClose(NettyEngine engine) throws Exception {
        staysWithinItsBudget(engine, false);
    }

    /** Those who read are served as before, and so are those who come when there is room again. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void nothingNewIsLetInWhileItIsNearlyFull(NettyEngine engine) throws Exception {
        List<Client> clients = new ArrayList<>();
        AtomicInteger accepted = new AtomicInteger();
        try (TestServer server = TestServer.of(socket -> {
                    if (accepted.getAndIncrement() == 0) {
                        TestServer.echo(socket);
                    } else {
                        Flood.send(socket);
                    }
                });
                LoadBalancer lb = start(engine, server, 1);
                Client reader = Client.to(lb, "front")) {
            assertThat(reader.echoes("before")).isTrue();
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> {
                try {
                    clients.add(Client.to(lb, "front"));
                } catch (SocketException refused) {
                    // It may be over before the connect is.
                }
                return ended(lb, Reason.MEMORY) > 0;
            });
            assertThat(reader.echoes("meanwhile")).isTrue();
            close(clients);
            await().until(() -> Balancers.front(lb).active() == 1);
            accepted.set(0);
            try (Client next = Client.to(lb, "front")) {
                assertThat(next.echoes("after")).isTrue();
            }
            assertThat(reader.echoes("after")).isTrue();
        }
    }

    /** Each of them is read into as much as the largest. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whatComesInSmallPiecesForAClientBehindAProxyTakesLittle(NettyEngine engine) throws Exception {
        CompletableFuture<Socket> served = new CompletableFuture<>();
        try (TestServer server = TestServer.of(socket -> {
                    served.complete(socket);
                    socket.getInputStream().read();
                });
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.sendBuffer(1).proxyProtocolIn(ProxyProtocol.required("127.0.0.1")))
                        .start();
                Socket socket = new Socket()) {
            socket.setReceiveBufferSize(1);
            socket.connect(lb.address("front"));
            socket.getOutputStream().write(ProxyHeaders.binary());
            Socket sending = served.get(10, SECONDS);
            sending.setTcpNoDelay(true);
            byte[] piece = new byte[64];
            int sent = 0;
            do {
                assertThat(sent).isLessThan(MEBIBYTE);
                sending.getOutputStream().write(piece);
                sent += piece.length;
            } while (isTaken(lb, sent));
            assertThat(held(lb)).isLessThan(READ / 2);
        }
    }

    /** Whether so many bytes are taken from servers, before it is plain that they are not. */
    private static boolean isTaken(LoadBalancer lb, int bytes) {
        long deadline = System.nanoTime() + SECONDS.toNanos(1);
        while (Balancers.front(lb).bytesFromServers() < bytes) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }

    /** What one client does not read is no reason to end anybody. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whatIsHeldForAClientIsGivenBackWithIt(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.of(Flood::send);
                LoadBalancer lb = start(engine, server, 32);
                Client client = Client.to(lb, "front")) {
            await().pollDelay(Duration.ofMillis(100)).until(() -> held(lb) > 0);
            assertThat(ended(lb, Reason.MEMORY)).isZero();
            assertThat(client.read(1)).hasSize(1);
            client.reset();
            await().until(() -> Balancers.front(lb).active() == 0);
            assertThat(held(lb)).isZero();
        }
    }
}
