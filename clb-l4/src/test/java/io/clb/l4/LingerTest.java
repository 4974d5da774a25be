package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.spi.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the system does with connections that were closed in order when the other end does not take the rest. */
@ExtendWith(LeakCheck.class)
final class LingerTest {

    private static final Duration SHORT = Duration.ofSeconds(1);

    /** More than the other end has room for, less than the balancer's system holds. */
    private static final int BYTES = 64 * 1_024;

    /** The least that the system gives. */
    private static final int SMALL_BUFFER = 2_048;

    private static void sayMuch(Socket socket) throws IOException {
        socket.getOutputStream().write(new byte[BYTES]);
    }

    /** A client that has room for little, and has nothing to say. */
    private static Client silent(LoadBalancer lb) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(SMALL_BUFFER);
        socket.connect(lb.address("front"));
        return Client.on(socket).finish();
    }

    private static Seen.Flow completed(Seen seen) throws InterruptedException {
        Seen.Flow flow = seen.next();
        assertThat(flow.reason()).isEqualTo(Reason.COMPLETED);
        return flow;
    }

    @Test
    void aClientThatTakesNothingIsGivenUpAfterIt() throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.of(LingerTest::sayMuch);
                LoadBalancer lb = Balancers.tcp(NettyEngine.epoll(), Balancers.unchecked(server))
                        .listener("front", l -> l.linger(SHORT))
                        .observer(seen)
                        .start();
                Client client = silent(lb)) {
            assertThat(completed(seen).bytesFromServer()).isEqualTo(BYTES);
            int port = client.socket().getLocalPort();
            await().until(() -> !SocketTable.has(lb.address("front").getPort(), port));
            assertThat(client.end()).isEqualTo(End.RESET);
        }
    }

    @Test
    void aServerThatTakesNothingIsGivenUpAfterIt() throws Exception {
        Seen seen = new Seen();
        try (ServerSocket server = new ServerSocket()) {
            server.setReceiveBufferSize(SMALL_BUFFER);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = server.getLocalPort();
            try (LoadBalancer lb = Balancers.tcp(NettyEngine.epoll(), Balancers.unchecked("127.0.0.1:" + port))
                            .listener("front", l -> l.linger(SHORT))
                            .observer(seen)
                            .start();
                    Client client = Client.to(lb, "front");
                    Client accepted = Client.on(server.accept()).finish()) {
                client.socket().getOutputStream().write(new byte[BYTES]);
                client.finish();
                assertThat(completed(seen).bytesFromClient()).isEqualTo(BYTES);
                int from = accepted.socket().getPort();
                await().until(() -> !SocketTable.has(from, port));
                assertThat(accepted.end()).isEqualTo(End.RESET);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whoTakesTheRestHasAllOfIt(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.of(LingerTest::sayMuch);
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.linger(SHORT))
                        .observer(seen)
                        .start();
                Client client = silent(lb)) {
            completed(seen);
            assertThat(client.readAll()).hasSize(BYTES);
        }
    }
}
