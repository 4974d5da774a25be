package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.BindException;
import io.clb.Config;
import io.clb.LoadBalancer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Listeners that come, go, and change places. */
@ExtendWith(LeakCheck.class)
final class ListenerUpdateTest {

    private static String nameAt(int port) throws IOException {
        try (Client client = Client.to(port)) {
            return client.line();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aListenerMayBeAdded(NettyEngine engine) throws Exception {
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(a)).start()) {
            int before = lb.address("front").getPort();
            lb.update(c -> c.serverGroup("others", Balancers.unchecked(b))
                    .listener("back", l -> l.tcp(0).bind("127.0.0.1").forwardTo("others")));
            assertThat(lb.address("front").getPort()).isEqualTo(before);
            assertThat(nameAt(before)).isEqualTo(a.id());
            assertThat(nameAt(lb.address("back").getPort())).isEqualTo(b.id());
            lb.update(c -> c.listener("front", l -> l.forwardTo("others")));
            assertThat(lb.address("front").getPort()).isEqualTo(before);
            assertThat(nameAt(before)).isEqualTo(b.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aListenerMayBeRemovedAndItsConnectionsGoOn(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start();
                Client open = Client.to(lb, "front")) {
            assertThat(open.echoes("begun")).isTrue();
            int port = lb.address("front").getPort();
            lb.update(c -> c.removeListener("front"));
            assertThat(Ports.isFree(port)).isTrue();
            assertThat(open.echoes("and going on")).isTrue();
            assertThatThrownBy(() -> lb.address("front"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("listener: front");
            open.finish();
            assertThat(open.end()).isEqualTo(End.FIN);
            await().until(() -> Balancers.server(lb, server.id()).active() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void twoListenersMaySwapTheirPorts(NettyEngine engine) throws Exception {
        int one = Ports.free();
        int two = Ports.free();
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                LoadBalancer lb = LoadBalancer.builder()
                        .name("test")
                        .engine(engine)
                        .serverGroup("a", Balancers.unchecked(a))
                        .serverGroup("b", Balancers.unchecked(b))
                        .listener("a", l -> l.tcp(one).bind("127.0.0.1").forwardTo("a"))
                        .listener("b", l -> l.tcp(two).bind("127.0.0.1").forwardTo("b"))
                        .start()) {
            assertThat(nameAt(one)).isEqualTo(a.id());
            assertThat(nameAt(two)).isEqualTo(b.id());
            lb.update(c -> c.listener("a", l -> l.tcp(two)).listener("b", l -> l.tcp(one)));
            assertThat(nameAt(one)).isEqualTo(b.id());
            assertThat(nameAt(two)).isEqualTo(a.id());
            assertThat(lb.address("a").getPort()).isEqualTo(two);
            assertThat(lb.snapshot().listener("a").accepted()).isEqualTo(2);
            lb.update(c -> c.removeListener("a")
                    .listener("c", l -> l.tcp(two).bind("127.0.0.1").forwardTo("b")));
            assertThat(nameAt(two)).isEqualTo(b.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aListenerMayMoveToAnotherPort(NettyEngine engine) throws Exception {
        int one = Ports.free();
        int two = Ports.free();
        try (TestServer server = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.tcp(one))
                        .start()) {
            assertThat(nameAt(one)).isEqualTo(server.id());
            lb.update(c -> c.listener("front", l -> l.tcp(two)));
            assertThat(nameAt(two)).isEqualTo(server.id());
            assertThat(Ports.isFree(one)).isTrue();
            assertThat(Balancers.front(lb).accepted()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anUpdateThatCannotBindChangesNothing(NettyEngine engine) throws Exception {
        int free = Ports.free();
        try (ServerSocket foreign = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TestServer server = TestServer.named();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start()) {
            Config before = lb.config();
            int port = lb.address("front").getPort();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> lb.update(c -> c.removeListener("front")
                                .serverGroup("others", Balancers.unchecked("127.0.0.1:1"))
                                .listener(
                                        "free",
                                        l -> l.tcp(free).bind("127.0.0.1").forwardTo("others"))
                                .listener(
                                        "taken",
                                        l -> l.tcp(foreign.getLocalPort())
                                                .bind("127.0.0.1")
                                                .forwardTo("others"))))
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining("listener taken")
                        .hasMessageContaining("127.0.0.1:" + foreign.getLocalPort())
                        .hasMessageContainingAll("Address already in use");
            }
            assertThat(lb.config()).isSameAs(before);
            assertThat(lb.address("front").getPort()).isEqualTo(port);
            assertThat(lb.snapshot().listeners()).hasSize(1);
            assertThat(Ports.isFree(free)).isTrue();
            assertThat(nameAt(port)).isEqualTo(server.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aListenerMayHaveSeveralAddresses(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.bind("127.0.0.1", "127.0.0.2"))
                        .start()) {
            assertThat(lb.addresses("front")).hasSize(2);
            assertThat(lb.addresses("front").get(0).getAddress().getHostAddress())
                    .isEqualTo("127.0.0.1");
            assertThat(nameAt(lb.addresses("front").get(0).getPort())).isEqualTo(server.id());
            try (Client client = Client.at(lb.addresses("front").get(1))) {
                assertThat(client.line()).isEqualTo(server.id());
            }
        }
    }
}
