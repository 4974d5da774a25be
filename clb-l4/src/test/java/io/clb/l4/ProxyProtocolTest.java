package io.clb.l4;

import static io.clb.l4.ProxyHeaders.addresses;
import static io.clb.l4.ProxyHeaders.binary;
import static io.clb.l4.ProxyHeaders.entry;
import static io.clb.l4.ProxyHeaders.line;
import static io.clb.l4.ProxyHeaders.summed;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.AccessControl;
import io.clb.Config;
import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.ProxyProtocol;
import io.clb.engine.FakeClock;
import io.clb.spi.ProxyHeader;
import io.clb.spi.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The PROXY protocol, from clients and to servers. Servers echo, so that a client reads the header that its server was sent. */
@ExtendWith(LeakCheck.class)
final class ProxyProtocolTest {

    private static final ProxyProtocol REQUIRED = ProxyProtocol.required("127.0.0.1");
    private static final ProxyProtocol OPTIONAL = ProxyProtocol.optional("127.0.0.1");
    private static final String TOLD = "PROXY TCP4 192.0.2.7 198.51.100.9 1111 2222\r\n";

    private static Config.Builder config(TestServer server, Consumer<ListenerConfig.Builder> front) {
        return Balancers.tcp(Balancers.unchecked(server)).listener("front", front);
    }

    private static LoadBalancer start(NettyEngine engine, TestServer server, Consumer<ListenerConfig.Builder> front) {
        return config(server, front).engine(engine).start();
    }

    private static Client send(Client client, byte[] header) throws IOException {
        client.socket().getOutputStream().write(header);
        return client;
    }

    private static byte[] with(byte[] header, String payload) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(header);
        all.writeBytes(payload.getBytes(StandardCharsets.US_ASCII));
        return all.toByteArray();
    }

    /** Sends nothing that anybody gets to see: refused with this reason. */
    private static void assertRefused(LoadBalancer lb, Client client, Reason reason) throws IOException {
        assertThat(client.end()).isEqualTo(End.RESET);
        await().untilAsserted(() -> assertThat(Balancers.front(lb).ended()).containsEntry(reason, 1L));
        await().until(() -> Balancers.front(lb).active() == 0);
    }

    static Stream<Arguments> headers() {
        byte[] six = addresses("2001:db8::1", 65_535, "2001:db8::2", 1);
        return Balancers.engines()
                .flatMap(engine -> Stream.of(
                        Arguments.of(engine, "line", line("PROXY TCP4 192.0.2.7 198.51.100.9 1111 2222"), TOLD),
                        Arguments.of(engine, "binary", binary(), TOLD),
                        Arguments.of(engine, "entries", binary(entry(4, "x"), entry(2, "example.org")), TOLD),
                        Arguments.of(
                                engine, "sum", summed(addresses("192.0.2.7", 1_111, "198.51.100.9", 2_222), 0), TOLD),
                        Arguments.of(
                                engine,
                                "line of IPv6",
                                line("PROXY TCP6 2001:db8::1 2001:db8::2 65535 1"),
                                "PROXY TCP6 2001:db8::1 2001:db8::2 65535 1\r\n"),
                        Arguments.of(
                                engine,
                                "binary of IPv6",
                                binary(ProxyHeaders.PROXY, ProxyHeaders.TCP6, six),
                                "PROXY TCP6 2001:db8::1 2001:db8::2 65535 1\r\n")));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("headers")
    void whoAHeaderSpeaksOfIsTheClient(NettyEngine engine, String name, byte[] header, String told) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(
                        engine, server, l -> l.proxyProtocolIn(REQUIRED).proxyProtocolOut(ProxyProtocol.Version.V1));
                Client atOnce = Client.to(lb, "front");
                Client slow = Client.to(lb, "front")) {
            assertThat(send(atOnce, with(header, "hello")).read(told.length() + 5))
                    .isEqualTo(told + "hello");
            for (byte each : with(header, "x")) {
                send(slow, new byte[] {each});
            }
            assertThat(slow.read(told.length() + 1)).isEqualTo(told + "x");
            assertThat(slow.echoes("more")).isTrue();
            assertThat(new String(
                            send(atOnce, with(new byte[0], "end")).finish().readAll(), StandardCharsets.US_ASCII))
                    .isEqualTo("end");
        }
    }

    static Stream<Arguments> silentHeaders() {
        return Balancers.engines()
                .flatMap(engine -> Stream.of(
                                line("PROXY UNKNOWN"),
                                line("PROXY UNKNOWN 2001:db8::1 2001:db8::2 65535 1"),
                                binary(ProxyHeaders.LOCAL, 0, new byte[0]),
                                binary(
                                        ProxyHeaders.PROXY,
                                        ProxyHeaders.UDP4,
                                        addresses("192.0.2.7", 1, "192.0.2.8", 2)),
                                binary(ProxyHeaders.PROXY, ProxyHeaders.UNIX, new byte[216]))
                        .map(header -> Arguments.of(engine, header)));
    }

    @ParameterizedTest
    @MethodSource("silentHeaders")
    void aHeaderThatTellsOfNoClientLeavesTheAddressesAsTheyAre(NettyEngine engine, byte[] header) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(
                        engine, server, l -> l.proxyProtocolIn(REQUIRED).proxyProtocolOut(ProxyProtocol.Version.V1));
                Client client = Client.to(lb, "front")) {
            String own = "PROXY TCP4 127.0.0.1 127.0.0.1 " + client.socket().getLocalPort() + " "
                    + lb.address("front").getPort() + "\r\n";
            assertThat(send(client, with(header, "x")).read(own.length() + 1)).isEqualTo(own + "x");
        }
    }

    static Stream<Arguments> malformedHeaders() {
        byte[] four = addresses("192.0.2.7", 1_111, "198.51.100.9", 2_222);
        byte[] endless = new byte[120];
        System.arraycopy("PROXY TCP4 ".getBytes(StandardCharsets.US_ASCII), 0, endless, 0, 11);
        return Balancers.engines()
                .flatMap(engine -> Stream.of(
                                line("PROXY TCP4 192.0.2.7 198.51.100.9 1111"),
                                line("PROXY TCP4 192.0.2.7 198.51.100.9 1111 65536"),
                                line("PROXY TCP4 192.0.2.256 198.51.100.9 1111 2222"),
                                line("PROXY TCP4 2001:db8::1 2001:db8::2 1111 2222"),
                                line("PROXY UDP4 192.0.2.7 198.51.100.9 1111 2222"),
                                "PROXY TCP4 192.0.2.7 198.51.100.9 1111 2222\n".getBytes(StandardCharsets.US_ASCII),
                                endless,
                                binary(0x31, ProxyHeaders.TCP4, four),
                                binary(0x22, ProxyHeaders.TCP4, four),
                                binary(ProxyHeaders.PROXY, ProxyHeaders.TCP4, new byte[11]),
                                binary(ProxyHeaders.PROXY, ProxyHeaders.TCP4, four, new byte[] {2, 0}),
                                binary(ProxyHeaders.PROXY, ProxyHeaders.TCP4, four, new byte[] {2, 0, 9, 'x'}),
                                binary(ProxyHeaders.PROXY, ProxyHeaders.TCP4, four, entry(2, new byte[20_000])),
                                summed(four, 1))
                        .map(header -> Arguments.of(engine, header)));
    }

    @ParameterizedTest
    @MethodSource("malformedHeaders")
    void nothingOfAConnectionWithAMalformedHeaderIsPassedOn(NettyEngine engine, byte[] header) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, l -> l.proxyProtocolIn(OPTIONAL));
                Client client = send(Client.to(lb, "front"), header)) {
            assertRefused(lb, client, Reason.PROXY_HEADER_MALFORMED);
            assertThat(server.accepted()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void withoutAHeaderAConnectionIsServedOnlyIfItIsOptional(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, l -> l.proxyProtocolIn(REQUIRED));
                Client refused = Client.to(lb, "front").send("hello")) {
            assertRefused(lb, refused, Reason.PROXY_HEADER_MISSING);
            lb.update(c -> c.listener("front", l -> l.proxyProtocolIn(OPTIONAL)));
            try (Client taken = Client.to(lb, "front");
                    Client alike = Client.to(lb, "front");
                    Client untrusted = Client.from("127.0.0.2", lb, "front")) {
                assertThat(taken.echoes("h")).isTrue();
                assertThat(alike.send("PRO").send("P").read(4)).isEqualTo("PROP");
                assertThat(untrusted.echoes("hello")).isTrue();
            }
            lb.update(c -> c.listener("front", l -> l.proxyProtocolIn(null)));
            try (Client plain = Client.to(lb, "front")) {
                assertThat(plain.echoes(TOLD)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aHeaderIsNeverBelievedOfWhoIsNotTrusted(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, l -> l.proxyProtocolIn(OPTIONAL));
                Client liar = send(Client.from("127.0.0.2", lb, "front"), binary())) {
            assertRefused(lb, liar, Reason.PROXY_UNTRUSTED);
            assertThat(server.accepted()).isZero();
        }
    }

    /** Before it is whole: nothing is kept of it. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aHeaderOfWhoIsNotTrustedIsNotWaitedFor(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, l -> l.proxyProtocolIn(OPTIONAL));
                Client liar = send(Client.from("127.0.0.2", lb, "front"), Arrays.copyOf(binary(), 13))) {
            assertRefused(lb, liar, Reason.PROXY_UNTRUSTED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whoIsNotTrustedIsNotHeardAtAllWhereAHeaderIsRequired(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, l -> l.proxyProtocolIn(ProxyProtocol.required("10.0.0.0/8")))) {
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            await().untilAsserted(
                            () -> assertThat(Balancers.front(lb).ended()).containsEntry(Reason.PROXY_UNTRUSTED, 1L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void whoSaysNothingIsNotWaitedForLongerThanTheTimeout(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        config(server, l -> l.proxyProtocolIn(REQUIRED.timeout(Duration.ofSeconds(7))))
                                .build());
                Client silent = send(Client.to(lb, "front"), new byte[] {'P'})) {
            await().until(() -> Balancers.front(lb).active() == 1);
            clock.advance(Duration.ofMillis(6_990));
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
            clock.advance(Duration.ofMillis(20));
            assertRefused(lb, silent, Reason.PROXY_HEADER_MISSING);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whoIsStillExpectedToSpeakIsAConnectionOfTheListener(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        start(engine, server, l -> l.proxyProtocolIn(REQUIRED).maxConnections(1));
                Client silent = Client.to(lb, "front")) {
            await().until(() -> Balancers.front(lb).active() == 1);
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.MAX_CONNECTIONS, 1L);
            silent.reset();
            await().untilAsserted(() -> assertThat(Balancers.front(lb).ended()).containsEntry(Reason.CLIENT_GONE, 1L));
            try (Client next = send(Client.to(lb, "front"), with(binary(), "x"))) {
                assertThat(next.read(1)).isEqualTo("x");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aShutdownDoesNotWaitForHeaders(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, l -> l.proxyProtocolIn(REQUIRED));
                Client silent = Client.to(lb, "front")) {
            await().until(() -> Balancers.front(lb).active() == 1);
            lb.shutdown(Duration.ofMinutes(1)).toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(silent.end()).isEqualTo(End.RESET);
        }
    }

    /** Lists and caps are about the client, not about the proxy. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void accessAndCapsGoByTheClientOfTheHeader(NettyEngine engine) throws Exception {
        byte[] other = line("PROXY TCP4 203.0.113.1 198.51.100.9 1111 2222");
        byte[] denied = line("PROXY TCP4 203.0.113.2 198.51.100.9 1111 2222");
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(
                        engine,
                        server,
                        l -> l.proxyProtocolIn(REQUIRED)
                                .access(AccessControl.deny("203.0.113.2", "127.0.0.1"))
                                .maxConnectionsPerClient(1));
                Client first = send(Client.to(lb, "front"), with(binary(), "x"));
                Client second = send(Client.to(lb, "front"), with(other, "y"))) {
            assertThat(first.read(1)).isEqualTo("x");
            assertThat(second.read(1)).isEqualTo("y");
            for (byte[] header : List.of(binary(), denied)) {
                try (Client refused = send(Client.to(lb, "front"), with(header, "z"))) {
                    assertThat(refused.end()).isEqualTo(End.RESET);
                }
            }
            assertThat(Balancers.front(lb).ended())
                    .containsEntry(Reason.MAX_CONNECTIONS_PER_CLIENT, 1L)
                    .containsEntry(Reason.ACCESS_DENIED, 1L);
            first.reset();
            await().until(() -> Balancers.front(lb).active() == 1);
            try (Client again = send(Client.to(lb, "front"), with(binary(), "x"))) {
                assertThat(again.read(1)).isEqualTo("x");
            }
        }
    }

    /** What came behind the header goes with the connection. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void nothingIsKeptOfAConnectionForWhichThereIsNoServer(NettyEngine engine) throws Exception {
        try (LoadBalancer lb = Balancers.tcp(engine, g -> {})
                        .listener("front", l -> l.proxyProtocolIn(REQUIRED))
                        .start();
                Client client = send(Client.to(lb, "front"), with(binary(), "hello"))) {
            assertRefused(lb, client, Reason.NO_SERVER_AVAILABLE);
            assertThat(lb.snapshot().bufferedBytes()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void strategiesSeeWhatAHeaderSaysBesideAddresses(NettyEngine engine) throws Exception {
        AtomicReference<ProxyHeader> seen = new AtomicReference<>();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(
                        engine,
                        server,
                        l -> l.proxyProtocolIn(REQUIRED).access(flow -> {
                            seen.set(flow.proxyHeader());
                            return true;
                        }));
                Client client = send(
                        Client.to(lb, "front"),
                        with(binary(entry(ProxyHeader.AUTHORITY, "example.org"), entry(0xea, "vpce-1")), "x"))) {
            assertThat(client.read(1)).isEqualTo("x");
            ProxyHeader header = requireNonNull(seen.get());
            assertThat(header.version()).isEqualTo(2);
            assertThat(header.types()).containsExactly(ProxyHeader.AUTHORITY, 0xea);
            assertThat(StandardCharsets.US_ASCII
                            .decode(requireNonNull(header.value(0xea)))
                            .toString())
                    .isEqualTo("vpce-1");
            assertThat(header.value(ProxyHeader.SSL)).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void versionTwoPassesOnWhatCameBesideTheAddresses(NettyEngine engine) throws Exception {
        byte[] name = entry(ProxyHeader.AUTHORITY, "example.org");
        byte[] tls = entry(ProxyHeader.SSL, new byte[] {1, 0, 0, 0, 0, 0x21, 0, 2, 'x', 'y'});
        byte[] own = entry(0xea, "vpce-1");
        byte[] expected = binary(name, tls, own);
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(
                        engine, server, l -> l.proxyProtocolIn(REQUIRED).proxyProtocolOut(ProxyProtocol.Version.V2));
                Client client = send(Client.to(lb, "front"), binary(entry(4, "pad"), name, tls, own))) {
            assertThat(client.socket().getInputStream().readNBytes(expected.length))
                    .isEqualTo(expected);
        }
    }

    /** The header comes first, though the client has spoken while no server had accepted. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void serversAreToldOfClientsThatCameWithoutAHeader(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server, l -> l.proxyProtocolOut(ProxyProtocol.Version.V2));
                Client client = Client.to(lb, "front").send("hello").finish()) {
            byte[] header = binary(
                    ProxyHeaders.PROXY,
                    ProxyHeaders.TCP4,
                    addresses(
                            "127.0.0.1",
                            client.socket().getLocalPort(),
                            "127.0.0.1",
                            lb.address("front").getPort()));
            assertThat(client.readAll()).isEqualTo(with(header, "hello"));
            await().untilAsserted(() -> assertThat(Balancers.front(lb).ended()).containsEntry(Reason.COMPLETED, 1L));
            assertThat(Balancers.front(lb).bytesFromClients()).isEqualTo(5);
        }
    }
}
