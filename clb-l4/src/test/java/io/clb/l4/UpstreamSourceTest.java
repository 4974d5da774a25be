package io.clb.l4;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Ejection;
import io.clb.LoadBalancer;
import io.clb.spi.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The addresses that servers are connected to from. */
@ExtendWith(LeakCheck.class)
final class UpstreamSourceTest {

    /** Tells its client whose connection it sees. */
    private static void saySource(Socket socket) throws IOException {
        String source = ((InetSocketAddress) socket.getRemoteSocketAddress()).getHostString();
        socket.getOutputStream().write((source + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static String source(LoadBalancer lb) throws Exception {
        try (Client client = Client.to(lb, "front")) {
            return client.read("127.0.0.x".length());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void areTakenInTurn(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.of(UpstreamSourceTest::saySource);
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.upstreamSources("127.0.0.7", "127.0.0.8", "::1"))
                        .start()) {
            Map<String, Integer> seen = new HashMap<>();
            for (int i = 0; i < 20; i++) {
                seen.merge(source(lb), 1, Integer::sum);
            }
            assertThat(seen.keySet()).containsExactlyInAnyOrder("127.0.0.7", "127.0.0.8");
            assertThat(seen.values()).allMatch(count -> count >= 8);
            lb.update(c -> c.listener("front", l -> l.upstreamSources()));
            assertThat(source(lb)).isEqualTo("127.0.0.1");
        }
    }

    /** Connections of the two come in turn; each takes its own addresses in turn all the same. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void areTakenInTurnWhateverOtherListenersTake(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.of(UpstreamSourceTest::saySource);
                LoadBalancer lb = Balancers.tcp(engine.threads(1), Balancers.unchecked(server))
                        .listener("front", l -> l.upstreamSources("127.0.0.5", "127.0.0.6", "127.0.0.7"))
                        .listener(
                                "other",
                                l -> l.tcp(0)
                                        .bind("127.0.0.1")
                                        .forwardTo("servers")
                                        .upstreamSources("127.0.0.9"))
                        .start()) {
            Map<String, Integer> seen = new HashMap<>();
            for (int i = 0; i < 6; i++) {
                seen.merge(source(lb), 1, Integer::sum);
                try (Client other = Client.to(lb, "other")) {
                    assertThat(other.read("127.0.0.x".length())).isEqualTo("127.0.0.9");
                }
            }
            assertThat(seen).isEqualTo(Map.of("127.0.0.5", 2, "127.0.0.6", 2, "127.0.0.7", 2));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void areThoseOfDatagramsToo(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = Balancers.udp(server)
                        .listener("front", l -> l.upstreamSources("127.0.0.7"))
                        .engine(engine)
                        .start();
                UdpClient client = UdpClient.to(lb, "front")) {
            assertThat(client.ask("x")).isEqualTo("x");
            assertThat(server.next().from().getHostString()).isEqualTo("127.0.0.7");
        }
    }

    /** 192.0.2.1 is nobody's (RFC 5737). No server is to blame, so none is ejected. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void thatAreNotThisHostsAreSaidToBe(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.echo();
                TestServer other = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server, other))
                        .serverGroup("servers", g -> g.ejection(Ejection.after(1)))
                        .listener("front", l -> l.upstreamSources("192.0.2.1"))
                        .observer(seen)
                        .start()) {
            for (int i = 0; i < 5; i++) {
                assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
                assertThat(seen.next().reason()).isEqualTo(Reason.NO_LOCAL_PORT);
            }
            lb.update(c -> c.listener("front", l -> l.upstreamSources()));
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("hello")).isTrue();
            }
            assertThat(lb.snapshot().serverGroup("servers").servers()).allSatisfy(each -> {
                assertThat(each.ejections()).isZero();
                assertThat(each.connectFailures()).isPositive();
            });
        }
    }

    /** The server asks its own listener before it answers, from the address that its clients come from. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void mayBeThatOfAServerThatIsAClientOfItsOwnListener(NettyEngine engine) throws Exception {
        AtomicReference<LoadBalancer> own = new AtomicReference<>();
        TestServer.Script asking = socket -> {
            int hops = socket.getInputStream().read() - '0';
            String rest = "";
            if (hops > 0) {
                try (Client next = Client.from("127.0.0.1", requireNonNull(own.get()), "front")) {
                    rest = next.send(String.valueOf(hops - 1)).read(hops);
                }
            }
            socket.getOutputStream().write((hops + rest).getBytes(StandardCharsets.US_ASCII));
        };
        try (TestServer server = TestServer.of(asking);
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.upstreamSources("127.0.0.1"))
                        .start();
                Client client = Client.from("127.0.0.1", lb, "front")) {
            own.set(lb);
            assertThat(client.send("5").read(6)).isEqualTo("543210");
            assertThat(server.accepted()).isEqualTo(6);
        }
    }
}
