package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a client and a server notice of a TCP listener between them. */
final class TcpRelayTest {

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void bytesGoBothWays(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server)).start();
                Client client = Client.to(lb, "front")) {
            client.send("hello");
            assertThat(client.read(5)).isEqualTo("hello");
            client.send("again").finish();
            assertThat(client.readAll()).asString().isEqualTo("again");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
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
}
