package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where a listener listens, and how it gets to servers that are given by name. */
@ExtendWith(LeakCheck.class)
final class AddressUpdateTest {

    private static boolean isOpen(String host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 10_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anUpdateAddsAndDropsAddressesOfAListenerThatKeepsItsPort(NettyEngine engine) throws Exception {
        int port = Ports.free();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.tcp(port).bind("127.0.0.1"))
                        .start();
                Client open = Client.to(lb, "front")) {
            assertThat(open.echoes("before")).isTrue();
            lb.update(c -> c.listener("front", l -> l.bind("127.0.0.1", "127.0.0.2")));
            assertThat(isOpen("127.0.0.1", port)).isTrue();
            assertThat(isOpen("127.0.0.2", port)).isTrue();
            assertThat(lb.addresses("front"))
                    .extracting(address -> address.getAddress().getHostAddress() + " " + address.getPort())
                    .containsExactly("127.0.0.1 " + port, "127.0.0.2 " + port);
            lb.update(c -> c.listener("front", l -> l.bind("127.0.0.2")));
            assertThat(isOpen("127.0.0.1", port)).isFalse();
            assertThat(isOpen("127.0.0.2", port)).isTrue();
            assertThat(open.echoes("after")).isTrue();
        }
    }

    @Test
    void aServerWhoseNameHasNoAddressCostsATryAndNoMore() throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(
                                NettyEngine.nio().threads(1),
                                Balancers.unchecked("no-such-host.invalid:80", server.id()))
                        .start()) {
            for (int i = 0; i < 4; i++) {
                try (Client client = Client.to(lb, "front")) {
                    assertThat(client.echoes("hello")).isTrue();
                }
            }
            assertThat(Balancers.server(lb, "no-such-host.invalid:80").connectFailures())
                    .isPositive();
        }
    }
}
