package io.clb.l4;

import static io.clb.l4.ProxyHeaders.UDP4;
import static io.clb.l4.ProxyHeaders.addresses;
import static io.clb.l4.ProxyHeaders.binary;
import static io.clb.l4.ProxyHeaders.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.AccessControl;
import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.ProxyProtocol;
import io.clb.spi.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The PROXY protocol before datagrams, from clients and to servers. */
@ExtendWith(LeakCheck.class)
final class UdpProxyProtocolTest {

    private static final ProxyProtocol REQUIRED = ProxyProtocol.required("127.0.0.1");
    private static final ProxyProtocol OPTIONAL = ProxyProtocol.optional("127.0.0.1");
    private static final byte[] ADDRESSES = addresses("192.0.2.7", 1_111, "198.51.100.9", 2_222);
    private static final byte[] OTHERS = addresses("192.0.2.8", 1_111, "198.51.100.9", 2_222);

    private static LoadBalancer start(NettyEngine engine, UdpServer server, Consumer<ListenerConfig.Builder> front) {
        return Balancers.udp(server).listener("front", front).engine(engine).start();
    }

    private static byte[] header(byte[] addresses, byte[]... entries) {
        return binary(ProxyHeaders.PROXY, UDP4, addresses, entries);
    }

    private static byte[] with(byte[] header, String payload) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(header);
        all.writeBytes(payload.getBytes(StandardCharsets.US_ASCII));
        return all.toByteArray();
    }

    private static void assertDropped(LoadBalancer lb, Reason reason) {
        await().untilAsserted(() -> assertThat(Balancers.front(lb).ended()).containsEntry(reason, 1L));
    }

    /** And the server's answers carry none. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void eachDatagramHasAHeaderOnBothSides(NettyEngine engine) throws Exception {
        byte[] header = header(ADDRESSES, entry(2, "example.org"));
        try (UdpServer server = UdpServer.named();
                LoadBalancer lb = start(
                        engine, server, l -> l.proxyProtocolIn(REQUIRED).proxyProtocolOut(ProxyProtocol.Version.V2));
                UdpClient client = UdpClient.to(lb, "front")) {
            for (String payload : List.of("one", "", "three")) {
                assertThat(client.send(with(header, payload)).text()).isEqualTo(server.id());
                assertThat(server.next().payload()).isEqualTo(with(header, payload));
            }
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
            assertThat(Balancers.front(lb).bytesFromClients()).isEqualTo(8);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void serversAreToldOfClientsThatCameWithoutAHeader(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.silent();
                LoadBalancer lb = start(
                        engine, server, l -> l.proxyProtocolIn(OPTIONAL).proxyProtocolOut(ProxyProtocol.Version.V2));
                UdpClient client = UdpClient.to(lb, "front")) {
            client.send("x");
            byte[] told = server.next().payload();
            byte[] expected = header(addresses("127.0.0.1", 0, "127.0.0.1", 0));
            assertThat(Arrays.copyOf(told, 24)).isEqualTo(Arrays.copyOf(expected, 24));
            assertThat(told).hasSize(29).endsWith((byte) 'x');
        }
    }

    /** Entries may differ from datagram to datagram, the client may not. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anotherClientBehindTheSamePortBeginsAnotherAssociation(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = start(
                        engine,
                        server,
                        l -> l.proxyProtocolIn(REQUIRED).access(AccessControl.deny("127.0.0.1", "192.0.2.9")));
                UdpClient client = UdpClient.to(lb, "front")) {
            assertThat(client.send(with(header(ADDRESSES), "one")).text()).isEqualTo("one");
            assertThat(client.send(with(header(ADDRESSES, entry(5, "id")), "two"))
                            .text())
                    .isEqualTo("two");
            assertThat(Balancers.front(lb).accepted()).isEqualTo(1);
            assertThat(client.send(with(header(OTHERS), "three")).text()).isEqualTo("three");
            assertThat(Balancers.front(lb).accepted()).isEqualTo(2);
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.COMPLETED, 1L);
            client.send(with(header(addresses("192.0.2.9", 1, "192.0.2.10", 2)), "four"));
            assertDropped(lb, Reason.ACCESS_DENIED);
            assertThat(Balancers.front(lb).active()).isZero();
        }
    }

    /** Those of a burst that had not left when its server was gone are for another. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whatBeginsAnotherAssociationIsOfTheSameClient(NettyEngine engine) throws Exception {
        byte[] header = header(ADDRESSES);
        try (UdpServer one = UdpServer.named();
                UdpServer other = UdpServer.named();
                LoadBalancer lb = Balancers.udp(one, other)
                        .listener("front", l -> l.proxyProtocolIn(REQUIRED).proxyProtocolOut(ProxyProtocol.Version.V2))
                        .engine(engine)
                        .start();
                UdpClient client = UdpClient.to(lb, "front")) {
            UdpServer leaving = client.send(with(header, "x")).text().equals(one.id()) ? one : other;
            UdpServer live = leaving == one ? other : one;
            leaving.stop();
            for (int i = 0; i < 100; i++) {
                client.send(with(header, Integer.toString(i)));
            }
            byte[] first = live.next().payload();
            int number = first[first.length - 1] - '0';
            assertThat(number).isBetween(1, 2);
            assertThat(first).isEqualTo(with(header, Integer.toString(number)));
            for (int i = number + 1; i < 100; i++) {
                assertThat(live.next().payload()).isEqualTo(with(header, Integer.toString(i)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whatIsMissingMalformedOrNotTrustedIsDropped(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = start(engine, server, l -> l.proxyProtocolIn(REQUIRED));
                UdpClient client = UdpClient.to(lb, "front");
                UdpClient untrusted = UdpClient.from("127.0.0.2", lb, "front")) {
            client.send("plain");
            assertDropped(lb, Reason.PROXY_HEADER_MISSING);
            client.send(binary(0x31, UDP4, ADDRESSES));
            assertDropped(lb, Reason.PROXY_HEADER_MALFORMED);
            untrusted.send(with(header(ADDRESSES), "x"));
            assertDropped(lb, Reason.PROXY_UNTRUSTED);
            assertThat(client.send(with(header(ADDRESSES), "good")).text()).isEqualTo("good");
            sendCutOff(client);
            await().untilAsserted(() ->
                    assertThat(Balancers.front(lb).dropped()).containsEntry(Reason.PROXY_HEADER_MALFORMED, 1L));
            assertThat(client.send(with(header(ADDRESSES), "again")).text()).isEqualTo("again");
            assertThat(server.next().text()).isEqualTo("good");
            assertThat(server.next().text()).isEqualTo("again");
        }
    }

    private static void sendCutOff(UdpClient client) throws IOException {
        client.send(Arrays.copyOf(header(ADDRESSES), 20));
    }
}
