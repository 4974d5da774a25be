package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.l4.LeakCheck;
import io.clb.l4.UdpServer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams that leave together for a server arrive one by one, and none is lost because another was refused. */
@EnabledIf("isAvailable")
@ExtendWith(LeakCheck.class)
final class EpollUpstreamTest {

    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;
    private static final int SOL_SOCKET = 1;
    private static final int SO_NO_CHECK = 11;
    private static final int TIMEOUT_MILLIS = 10_000;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, new EpollHandlers());
    private final Loop loop = new Loop(0, group.next(), Clock.SYSTEM, PooledByteBufAllocator.DEFAULT);

    static boolean isAvailable() {
        return Epoll.isAvailable();
    }

    @AfterEach
    void stop() {
        loop.execute(loop::stop);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** One socket, and what it tells. On the loop. */
    private final class Upstream implements DatagramUpstream.Events {

        private final EpollUpstream socket = EpollUpstream.open(loop, this);
        private final List<String> failures = new ArrayList<>();
        private final StringBuilder sent = new StringBuilder();
        private final List<byte[]> unsent = new ArrayList<>();
        private boolean closed;

        Upstream to(InetSocketAddress server) throws IOException {
            socket.connect(server, null);
            return this;
        }

        void send(byte[]... datagrams) {
            for (byte[] datagram : datagrams) {
                socket.send(Unpooled.copiedBuffer(datagram));
            }
        }

        int segment() throws IOException {
            return ((Socket) socket.fd()).getIntOpt(SOL_UDP, UDP_SEGMENT);
        }

        @Override
        public void received(ByteBuf datagram) {
            datagram.release();
        }

        @Override
        public void readComplete() {}

        /** As an association does that tries the next server. */
        @Override
        public void failed(Throwable cause) {
            failures.add(Failures.text(cause));
            if (Failures.isRefused(cause)) {
                socket.close();
            }
        }

        @Override
        public void sent(int datagrams, int bytes) {
            sent.append(datagrams).append(" of ").append(bytes).append(' ');
        }

        @Override
        public void lost(int datagrams) {
            throw new AssertionError("there is room");
        }

        @Override
        public void unsent(ByteBuf datagram) {
            byte[] bytes = new byte[datagram.readableBytes()];
            datagram.readBytes(bytes);
            datagram.release();
            unsent.add(bytes);
        }

        @Override
        public void closed() {
            closed = true;
        }
    }

    private <T> T on(Callable<T> task) throws Exception {
        return loop.eventLoop().submit(task).get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static byte[] filled(int size, int with) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) with);
        return bytes;
    }

    private static InetSocketAddress at(UdpServer server) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
    }

    private static InetSocketAddress nobody() throws IOException {
        try (DatagramSocket gone = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            return (InetSocketAddress) gone.getLocalSocketAddress();
        }
    }

    @Test
    void thoseOfOneSizeLeaveTogether() throws Exception {
        try (UdpServer server = UdpServer.silent()) {
            int segment = on(() -> {
                Upstream upstream = new Upstream().to(at(server));
                upstream.send(filled(100, 1), filled(100, 2), filled(100, 3));
                assertThat(server.waiting()).isZero();
                loop.row().flush();
                assertThat(upstream.sent).hasToString("3 of 100 ");
                int parts = upstream.segment();
                upstream.socket.close();
                return parts;
            });
            assertThat(segment).isEqualTo(100);
            for (int i = 1; i <= 3; i++) {
                assertThat(server.next().payload()).isEqualTo(filled(100, i));
            }
        }
    }

    @Test
    void whatWaitsLeavesBeforeTheSocketIsClosed() throws Exception {
        try (UdpServer server = UdpServer.silent()) {
            on(() -> {
                Upstream upstream = new Upstream().to(at(server));
                upstream.send(filled(9, 1), filled(9, 2));
                upstream.socket.close();
                assertThat(upstream.closed).isTrue();
                assertThat(upstream.unsent).isEmpty();
                return null;
            });
            assertThat(server.next().payload()).isEqualTo(filled(9, 1));
            assertThat(server.next().payload()).isEqualTo(filled(9, 2));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void allSequencesToSeveralServersArrive(boolean refused) throws Exception {
        SplittableRandom random = new SplittableRandom(11);
        try (UdpServer one = UdpServer.silent();
                UdpServer two = UdpServer.silent()) {
            List<UdpServer> servers = List.of(one, two);
            List<Upstream> upstreams = on(() -> List.of(new Upstream().to(at(one)), new Upstream().to(at(two))));
            if (refused) {
                // Without sums, and so on some devices and ways, the system takes nothing apart.
                for (Upstream upstream : upstreams) {
                    ((Socket) upstream.socket.fd()).setIntOpt(SOL_SOCKET, SO_NO_CHECK, 1);
                }
            }
            for (int round = 0; round < 50; round++) {
                List<Integer> whose = new ArrayList<>();
                List<byte[]> sent = new ArrayList<>();
                for (int row = random.nextInt(6); row >= 0; row--) {
                    int size = random.nextInt(10) == 0 ? random.nextInt(9_000) : random.nextInt(1_500);
                    int to = random.nextInt(2);
                    for (int i = random.nextInt(12); i >= 0; i--) {
                        whose.add(to);
                        sent.add(filled(random.nextInt(5) == 0 ? random.nextInt(1_500) : size, sent.size()));
                    }
                }
                on(() -> {
                    for (int i = 0; i < sent.size(); i++) {
                        upstreams.get(whose.get(i)).send(sent.get(i));
                    }
                    loop.row().flush();
                    return null;
                });
                for (int i = 0; i < sent.size(); i++) {
                    assertThat(servers.get(whose.get(i)).next().payload()).isEqualTo(sent.get(i));
                }
            }
            on(() -> {
                upstreams.forEach(upstream -> upstream.socket.close());
                return null;
            });
        }
    }

    @Test
    void thoseBehindOneThatNobodyTookAreGivenBack() throws Exception {
        on(() -> {
            Upstream upstream = new Upstream().to(nobody());
            upstream.send(filled(9, 1));
            loop.row().flush();
            // Over loopback the system knows by now.
            upstream.send(filled(9, 2), filled(9, 3), filled(9, 4));
            loop.row().flush();
            assertThat(upstream.failures).containsExactly("connection refused");
            assertThat(upstream.closed).isTrue();
            assertThat(upstream.unsent).containsExactly(filled(9, 2), filled(9, 3), filled(9, 4));
            upstream.send(filled(9, 5));
            loop.row().flush();
            assertThat(upstream.unsent).contains(filled(9, 5));
            assertThat(upstream.sent).hasToString("1 of 9 ");
            return null;
        });
    }

    @Test
    void eachThatTheSystemDoesNotTakeIsToldOnce() throws Exception {
        try (UdpServer server = UdpServer.silent()) {
            on(() -> {
                Upstream upstream = new Upstream().to(at(server));
                upstream.send(filled(9, 1), filled(9, 2));
                loop.row().flush();
                ((Socket) upstream.socket.fd()).shutdown(false, true);
                upstream.send(filled(9, 3), filled(9, 4), filled(9, 5));
                loop.row().flush();
                assertThat(upstream.failures).hasSize(3);
                assertThat(upstream.sent).hasToString("2 of 9 ");
                assertThat(upstream.unsent).isEmpty();
                upstream.socket.close();
                return null;
            });
        }
    }
}
