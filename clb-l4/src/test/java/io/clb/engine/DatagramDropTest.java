package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.l4.LeakCheck;
import io.clb.l4.UdpClient;
import io.clb.l4.UdpServer;
import io.clb.spi.Reason;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A system that does not take datagrams, or has no sockets for them, as Netty's channels tell of it: on epoll, too, this transport has channels towards servers. */
@ExtendWith(LeakCheck.class)
final class DatagramDropTest {

    private static final int WAITING = 16;

    /** What the system does to sockets that are made from now on. */
    private enum Fault {
        NONE,
        FULL,
        UNREACHABLE,
        NO_SOCKETS
    }

    /** Read by handlers on loops, written by the test. */
    private static final class Faulty extends ForwardingTransport {

        volatile Fault fault = Fault.NONE;
        volatile boolean full = true;

        Faulty(String name) {
            super(Transports.named(name));
        }

        @Override
        public DatagramUpstream newDatagramUpstream(Loop loop, DatagramUpstream.Events events) {
            return ChannelUpstream.open(newDatagramSocket(false), loop, events);
        }

        @Override
        public Replies replies(DatagramChannel socket, Loop loop) {
            return new ChannelReplies(socket);
        }

        @Override
        public DatagramChannel newDatagramSocket(boolean reusePort) {
            Fault own = fault;
            if (own == Fault.NO_SOCKETS) {
                throw new ChannelException("too many open files");
            }
            DatagramChannel channel = super.newDatagramSocket(reusePort);
            channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
                @Override
                public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                    if (own == Fault.UNREACHABLE) {
                        ReferenceCountUtil.release(message);
                        promise.tryFailure(new IOException("network is unreachable"));
                    } else {
                        ctx.write(message, promise);
                    }
                }

                @Override
                public void flush(ChannelHandlerContext ctx) {
                    if (own != Fault.FULL || !full) {
                        ctx.flush();
                    }
                }
            });
            return channel;
        }
    }

    private static LoadBalancer start(Faulty transport, UdpServer server) {
        return RunningBalancer.start(
                LoadBalancer.builder()
                        .name("faulty")
                        .serverGroup("servers", g -> g.server(server.id()).healthCheck(HealthCheck.none()))
                        .listener("front", l -> l.udp(0).bind("127.0.0.1").forwardTo("servers"))
                        .build(),
                new EngineSetup(transport, 2, null, Clock.SYSTEM));
    }

    private static Snapshot.Listener front(LoadBalancer lb) {
        return lb.snapshot().listener("front");
    }

    private static void awaitDropped(LoadBalancer lb, long count) {
        await().untilAsserted(() -> assertThat(front(lb).dropped()).isEqualTo(Map.of(Reason.DATAGRAM_DROPPED, count)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void whatAServersSocketDoesNotTakeWaitsUpToABoundAndIsDroppedBeyond(String name) throws Exception {
        Faulty transport = new Faulty(name);
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = start(transport, server);
                UdpClient client = UdpClient.to(lb, "front")) {
            transport.fault = Fault.FULL;
            for (int i = 0; i < WAITING + 9; i++) {
                client.send("datagram " + i);
            }
            awaitDropped(lb, 9);
            assertThat(front(lb).active()).isEqualTo(1);
            assertThat(server.waiting()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void whatTheListeningSocketDoesNotTakeWaitsUpToABoundAndIsDroppedBeyond(String name) throws Exception {
        Faulty transport = new Faulty(name);
        transport.fault = Fault.FULL;
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = start(transport, server);
                UdpClient client = UdpClient.to(lb, "front")) {
            transport.fault = Fault.NONE;
            for (int i = 0; i < WAITING + 9; i++) {
                client.send("datagram " + i);
                server.next();
            }
            awaitDropped(lb, 9);
            transport.full = false;
            client.send("gone with those that waited");
            for (int i = 0; i < WAITING; i++) {
                assertThat(client.text()).isEqualTo("datagram " + i);
            }
            assertThat(client.text()).isEqualTo("gone with those that waited");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void whatCannotBeSentIsCountedAndTheAssociationGoesOn(String name) throws Exception {
        Faulty transport = new Faulty(name);
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = start(transport, server);
                UdpClient client = UdpClient.to(lb, "front")) {
            transport.fault = Fault.UNREACHABLE;
            client.send("a").send("b");
            awaitDropped(lb, 2);
            assertThat(front(lb).active()).isEqualTo(1);
        }
        transport = new Faulty(name);
        transport.fault = Fault.UNREACHABLE;
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = start(transport, server);
                UdpClient client = UdpClient.to(lb, "front")) {
            transport.fault = Fault.NONE;
            client.send("a").send("b");
            awaitDropped(lb, 2);
            assertThat(front(lb).active()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void withoutASocketForItNoAssociationBegins(String name) throws Exception {
        Faulty transport = new Faulty(name);
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = start(transport, server);
                UdpClient client = UdpClient.to(lb, "front")) {
            transport.fault = Fault.NO_SOCKETS;
            client.send("x");
            await().untilAsserted(() -> assertThat(front(lb).ended()).isEqualTo(Map.of(Reason.CONNECT_FAILED, 1L)));
            assertThat(front(lb).active()).isZero();
            transport.fault = Fault.NONE;
            assertThat(client.ask("y")).isEqualTo("y");
        }
    }
}
