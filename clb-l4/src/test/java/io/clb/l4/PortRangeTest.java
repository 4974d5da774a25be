package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.BindException;
import io.clb.HealthCheck;
import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.PortRange;
import io.clb.spi.ServerState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Listeners of many ports. They listen on an address of their own, so that a server on another may have the same ports. */
@ExtendWith(LeakCheck.class)
final class PortRangeTest {

    private static final String FRONT = "127.0.0.2";
    private static final int PORTS = 8;

    private static PortRange anywhere(int ports) {
        int first = ThreadLocalRandom.current().nextInt(10_000, 32_000 - ports);
        return PortRange.of(first, first + ports - 1);
    }

    /** Starts a balancer where there are so many ports free, one after the other. */
    private static LoadBalancer start(
            NettyEngine engine,
            String server,
            int ports,
            BiFunction<ListenerConfig.Builder, PortRange, ListenerConfig.Builder> listen) {
        while (true) {
            PortRange range = anywhere(ports);
            try {
                return Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> listen.apply(l, range).bind(FRONT))
                        .start();
            } catch (BindException taken) {
                assertThat(taken.address().getPort()).isBetween(range.first(), range.last());
            }
        }
    }

    private static Client to(int port) throws IOException {
        return Client.at(new InetSocketAddress(FRONT, port));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void goToThePortThatTheClientReachedOnAServerWithoutOne(NettyEngine engine) throws Exception {
        try (LoadBalancer lb = start(engine, "127.0.0.1", PORTS, ListenerConfig.Builder::tcp)) {
            int first = lb.address("front").getPort();
            assertThat(lb.addresses("front")).hasSize(PORTS).first().isEqualTo(new InetSocketAddress(FRONT, first));
            for (int port : new int[] {first, first + 3, first + PORTS - 1}) {
                try (TestServer server = TestServer.on(port, TestServer::sayName);
                        Client client = to(port)) {
                    assertThat(client.read(server.id().length())).isEqualTo(server.id());
                }
            }
            assertThat(Balancers.server(lb, "127.0.0.1").id()).isEqualTo("127.0.0.1");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void goToTheServersPortIfItHasOne(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.named();
                LoadBalancer lb = start(engine, server.id(), PORTS, ListenerConfig.Builder::tcp)) {
            for (InetSocketAddress address : lb.addresses("front")) {
                try (Client client = to(address.getPort())) {
                    assertThat(client.read(server.id().length())).isEqualTo(server.id());
                }
            }
            assertThat(Balancers.front(lb).accepted()).isEqualTo(PORTS);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void takeDatagramsToo(NettyEngine engine) throws Exception {
        try (LoadBalancer lb = start(engine, "127.0.0.1", PORTS, ListenerConfig.Builder::udp)) {
            int port = lb.address("front").getPort() + 5;
            try (UdpServer server = UdpServer.namedOn(port);
                    UdpClient client = UdpClient.at(new InetSocketAddress(FRONT, port))) {
                assertThat(client.ask("x")).isEqualTo(server.id());
                assertThat(client.ask("y")).isEqualTo(server.id());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void mayBeAThousandAndChange(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server.id(), 1_000, ListenerConfig.Builder::tcp)) {
            int first = lb.address("front").getPort();
            assertThat(lb.addresses("front")).hasSize(1_000);
            try (Client middle = to(first + 500)) {
                assertThat(middle.echoes("hello")).isTrue();
                // Those that stay are not bound anew, and nobody on them is disturbed.
                lb.update(c -> c.listener("front", l -> l.tcp(PortRange.of(first + 500, first + 999))));
                assertThat(lb.addresses("front")).hasSize(500);
                assertThat(middle.echoes("still")).isTrue();
                try (Client last = to(first + 999)) {
                    assertThat(last.echoes("hello")).isTrue();
                }
                for (int port = first; port < first + 500; port++) {
                    new ServerSocket(port, 1, InetAddress.getAllByName(FRONT)[0]).close();
                }
                lb.update(c -> c.listener("front", l -> l.tcp(first + 700)));
                assertThat(lb.addresses("front")).containsExactly(new InetSocketAddress(FRONT, first + 700));
                assertThat(middle.echoes("still")).isTrue();
            }
        }
    }

    /** The port has one socket, as others cannot be bound beside it; what it accepts is dealt over all loops nonetheless. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void leaveAPortThatIsServedByAllLoopsWhenItAloneIsLeft(NettyEngine engine) throws Exception {
        Queue<Integer> loops = new ConcurrentLinkedQueue<>();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(
                        engine,
                        server.id(),
                        PORTS,
                        (l, range) -> l.tcp(range).access(flow -> loops.add(flow.loop())))) {
            int first = lb.address("front").getPort();
            assertThat(loopsOf(PORTS, first, loops)).hasSize(1);
            try (Client open = to(first)) {
                assertThat(open.echoes("begun")).isTrue();
                lb.update(c -> c.listener("front", l -> l.tcp(first)));
                assertThat(loopsOf(PORTS, first, loops)).containsExactlyInAnyOrder(0, 1);
                assertThat(open.echoes("still")).isTrue();
            }
            lb.update(c -> c.listener("front", l -> l.tcp(PortRange.of(first, first + PORTS - 1))));
            assertThat(loopsOf(PORTS, first, loops)).hasSize(1);
        }
    }

    /** Connects a few times, one after the other, and tells where to. */
    private static Set<Integer> loopsOf(int connections, int port, Queue<Integer> loops) throws IOException {
        loops.clear();
        for (int i = 0; i < connections; i++) {
            try (Client client = to(port)) {
                assertThat(client.echoes("hello")).isTrue();
            }
        }
        return Set.copyOf(loops);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void areAllServedThoughTheyAreAThousand(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server.id(), 1_000, ListenerConfig.Builder::tcp)) {
            for (InetSocketAddress address : lb.addresses("front")) {
                try (Client client = Client.at(address)) {
                    assertThat(client.echoes("x")).isTrue();
                }
            }
            assertThat(Balancers.front(lb).accepted()).isEqualTo(1_000);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void areAllBoundOrNone(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server.id(), PORTS, ListenerConfig.Builder::tcp)) {
            int first = lb.address("front").getPort();
            lb.update(c -> c.listener("front", l -> l.tcp(first)));
            try (ServerSocket foreign = new ServerSocket(first + 2, 1, InetAddress.getAllByName(FRONT)[0])) {
                assertThatThrownBy(() ->
                                lb.update(c -> c.listener("front", l -> l.tcp(PortRange.of(first, first + PORTS - 1)))))
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining(FRONT + ":" + foreign.getLocalPort());
            }
            new ServerSocket(first + 1, 1, InetAddress.getAllByName(FRONT)[0]).close();
            try (Client client = to(first)) {
                assertThat(client.echoes("still")).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void areCheckedOnAPortThatTheCheckNames(NettyEngine engine) throws Exception {
        try (TestServer checked = TestServer.echo();
                LoadBalancer lb = start(engine, "127.0.0.1", PORTS, ListenerConfig.Builder::tcp)) {
            assertThatThrownBy(() -> lb.update(c -> c.serverGroup("servers", g -> g.healthCheck(HealthCheck.tcp()))))
                    .hasMessageContaining("serverGroup servers: healthCheck port: not set (expected: a port, or"
                            + " HealthCheck.none(): server 127.0.0.1 has none of its own)");
            lb.update(c -> c.serverGroup("servers", g -> g.healthCheck(Balancers.QUICK.port(checked.port()))));
            await().untilAsserted(() ->
                    assertThat(Balancers.server(lb, "127.0.0.1").state()).isEqualTo(ServerState.UP));
        }
    }
}
