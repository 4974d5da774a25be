package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.AccessControl;
import io.clb.ConfigException;
import io.clb.LoadBalancer;
import io.clb.spi.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lists of addresses that may come in, or may not. */
@ExtendWith(LeakCheck.class)
final class AccessTest {

    private static LoadBalancer start(NettyEngine engine, TestServer server, AccessControl access) {
        return Balancers.tcp(engine, Balancers.unchecked(server))
                .listener("front", l -> l.access(access))
                .start();
    }

    private static boolean isLetIn(String source, LoadBalancer lb) throws IOException {
        try (Client client = Client.from(source, lb, "front")) {
            return client.echoes("hello");
        } catch (IOException reset) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void lettingInThoseOnAListOnly(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, AccessControl.allow("127.0.0.2", "127.0.1.0/24"))) {
            assertThat(isLetIn("127.0.0.2", lb)).isTrue();
            assertThat(isLetIn("127.0.1.7", lb)).isTrue();
            assertThat(isLetIn("127.0.0.3", lb)).isFalse();
            assertThat(isLetIn("127.0.2.7", lb)).isFalse();
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.ACCESS_DENIED, 2L);
            assertThat(server.accepted()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void keepingOutThoseOnAList(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, AccessControl.deny("127.0.0.2", "::/0"))) {
            assertThat(isLetIn("127.0.0.2", lb)).isFalse();
            assertThat(isLetIn("127.0.0.3", lb)).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anEmptyListKeepsNobodyOutUnlessItIsMeantTo(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, AccessControl.allow())) {
            assertThat(isLetIn("127.0.0.2", lb)).isTrue();
            lb.update(
                    c -> c.listener("front", l -> l.access(AccessControl.allow().denyWhenEmpty())));
            assertThat(isLetIn("127.0.0.2", lb)).isFalse();
            lb.update(c -> c.listener("front", l -> l.access(AccessControl.none())));
            assertThat(isLetIn("127.0.0.2", lb)).isTrue();
        }
    }

    /** Warned of once, however often the rest is changed. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anEmptyListIsWarnedOf(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, AccessControl.none())) {
            List<String> said = Logged.during(() -> {
                lb.update(c -> c.listener("front", l -> l.access(AccessControl.deny())));
                lb.update(c -> c.listener("front", l -> l.connectTries(2)));
            });
            assertThat(said)
                    .filteredOn(line -> line.contains("WARN"))
                    .singleElement()
                    .asString()
                    .contains("is empty");
        }
    }

    /** Through a socket of IPv6 too, an address of IPv4 is one of IPv4. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void eachFamilyHasItsOwnBlocks(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.bind().access(AccessControl.allow("::1", "127.0.0.2")))
                        .start()) {
            int port = lb.address("front").getPort();
            try (Client six = Client.at(new InetSocketAddress(InetAddress.getAllByName("::1")[0], port))) {
                assertThat(six.echoes("hello")).isTrue();
            }
            assertThat(isLetIn("127.0.0.2", lb)).isTrue();
            assertThat(isLetIn("127.0.0.3", lb)).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aNewListIsForThoseWhoComeNext(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, AccessControl.allow("127.0.0.2"));
                Client before = Client.from("127.0.0.2", lb, "front")) {
            assertThat(before.echoes("one")).isTrue();
            lb.update(c -> c.listener("front", l -> l.access(AccessControl.deny(many()))));
            assertThat(before.echoes("two")).isTrue();
            assertThat(isLetIn("127.0.0.2", lb)).isFalse();
            assertThat(isLetIn("127.0.0.3", lb)).isTrue();
        }
    }

    /** 100,000 blocks, and 127.0.0.2. */
    private static List<String> many() {
        List<String> blocks = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            blocks.add("10." + (i >> 8) + "." + (i & 255) + ".0/24");
            blocks.add("2001:db8:" + Integer.toHexString(i) + "::/48");
        }
        blocks.add("127.0.0.2");
        return blocks;
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aListWithAMistakeChangesNothing(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, AccessControl.deny("127.0.0.2"))) {
            assertThatThrownBy(() -> lb.update(
                            c -> c.listener("front", l -> l.access(AccessControl.allow("127.0.0.1/8", "here")))))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(
                            "listener front: access: 127.0.0.1/8 (expected: no bits beyond the prefix: 127.0.0.0/8)")
                    .hasMessageContaining("listener front: access: here (expected: an address");
            assertThat(isLetIn("127.0.0.2", lb)).isFalse();
            assertThat(isLetIn("127.0.0.3", lb)).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void datagramsOfThoseWhoAreKeptOutAreDroppedAndCounted(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = Balancers.udp(server)
                        .listener("front", l -> l.access(AccessControl.deny("127.0.0.2/31")))
                        .engine(engine)
                        .start();
                UdpClient welcome = UdpClient.to(lb, "front");
                UdpClient unwelcome = UdpClient.from("127.0.0.3", lb, "front")) {
            unwelcome.send("x");
            assertThat(welcome.ask("y")).isEqualTo("y");
            await().untilAsserted(
                            () -> assertThat(Balancers.front(lb).ended()).containsEntry(Reason.ACCESS_DENIED, 1L));
            assertThat(server.next().text()).isEqualTo("y");
            assertThat(server.waiting()).isZero();
        }
    }
}
