package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.AccessControl;
import io.clb.Cluster;
import io.clb.Config;
import io.clb.FixedResponse;
import io.clb.Limit;
import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.ProxyProtocol;
import io.clb.XForwardedFor;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.schedule.Schedulers;
import io.clb.spi.Flow;
import io.clb.spi.FlowRecord;
import io.clb.spi.TrafficObserver;
import io.clb.stick.Stickiness;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that come through proxies whose word is believed: 127.0.0.1, which all tests connect from unless they say otherwise, and 10.0.0.0/8. */
@SuppressWarnings("StringConcatToTextBlock") // lines end with CRLF
final class TrustedProxiesTest {

    private static final String VIA = "Via: 1.1 clb\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static Config.Builder front(
            NettyEngine engine, Consumer<ListenerConfig.Builder> settings, String... servers) {
        return trusting(Balancers.http(engine, servers), settings);
    }

    private static Config.Builder trusting(Config.Builder config, Consumer<ListenerConfig.Builder> settings) {
        return config.listener(
                "front",
                l -> settings.accept(l.trustedProxies("127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48")
                        .maxRequestsPerConnection(10_000)));
    }

    private static HttpClient.Response ask(HttpClient client, String fields) throws IOException {
        return client.send("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n").response();
    }

    private static HttpClient.Response askFor(HttpClient client, String clients) throws IOException {
        return ask(client, "X-Forwarded-For: " + clients + "\r\n");
    }

    /** What a server gets behind the first line and the host of a request with these fields. */
    private static String told(HttpClient client, StrictServer server, String fields) throws Exception {
        String begin = "GET / HTTP/1.1\r\nHost: a\r\n";
        assertThat(ask(client, fields).status()).isEqualTo(200);
        String request = server.request();
        assertThat(request).startsWith(begin);
        return request.substring(begin.length(), request.length() - "\r\n".length());
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void thePeerIsAppendedToWhatItSent(NettyEngine engine) throws Exception {
        try (StrictServer server = new StrictServer();
                LoadBalancer lb = front(engine, l -> l.xForwardedProto(false), server.id())
                        .start();
                HttpClient trusted = HttpClient.to(lb, "front");
                HttpClient stranger = HttpClient.from("127.0.0.2", lb, "front")) {
            assertThat(told(trusted, server, "")).isEqualTo("X-Forwarded-For: 127.0.0.1\r\n" + VIA);
            assertThat(told(trusted, server, "x-forwarded-for: 192.0.2.1\r\n"))
                    .isEqualTo("X-Forwarded-For: 192.0.2.1, 127.0.0.1\r\n" + VIA);
            assertThat(
                            told(
                                    trusted,
                                    server,
                                    "X-Forwarded-For: 192.0.2.1 ,unknown\r\nA: 1\r\nX-FORWARDED-FOR:\r\nX-Forwarded-For: [::1]:8\r\n"))
                    .isEqualTo("A: 1\r\nX-Forwarded-For: 192.0.2.1 ,unknown, [::1]:8, 127.0.0.1\r\n" + VIA);
            assertThat(told(stranger, server, "X-Forwarded-For: 192.0.2.1\r\n"))
                    .isEqualTo("X-Forwarded-For: 127.0.0.2\r\n" + VIA);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void removeAndOffAreForThemTheFieldIsLeftOutOrLeftAlone(NettyEngine engine) throws Exception {
        String sent = "X-Forwarded-For: 192.0.2.1\r\nA: 1\r\nX-Forwarded-For: 10.0.0.1\r\n";
        try (StrictServer server = new StrictServer();
                LoadBalancer lb = front(
                                engine, l -> l.xForwardedProto(false).xForwardedFor(XForwardedFor.REMOVE), server.id())
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(told(client, server, sent)).isEqualTo("A: 1\r\n" + VIA);
            lb.update(c -> c.listener("front", l -> l.xForwardedFor(XForwardedFor.OFF)));
            assertThat(told(client, server, sent)).isEqualTo(sent + VIA);
            assertThat(told(client, server, "")).isEqualTo(VIA);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatTheySayTakesThePlaceOfWhatWeWould(NettyEngine engine) throws Exception {
        String kept = "X-Forwarded-PROTO: https\r\nX-Forwarded-Port: 443\r\nX-Forwarded-Host: shop.example.com\r\n"
                + "X-Forwarded-Client-srcport: 5\r\nSLB-ID: first\r\nslb-ip: 192.0.2.9\r\n";
        String others = "X-Forwarded-Eip: 192.0.2.8\r\nForwarded: for=192.0.2.1\r\n";
        try (StrictServer server = new StrictServer();
                LoadBalancer lb = front(
                                engine,
                                l -> l.xForwardedFor(XForwardedFor.REMOVE)
                                        .xForwardedPort(true)
                                        .xForwardedHost(true)
                                        .xForwardedClientSrcport(true)
                                        .slbId(true)
                                        .slbIp(true)
                                        .allowUnderscores(true),
                                server.id())
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(told(client, server, kept + others)).isEqualTo(kept + others + VIA);
            assertThat(told(client, server, kept + "Connection: x-forwarded-proto, slb-id, forwarded\r\n"))
                    .as("not to be got rid of by who is behind the proxy")
                    .isEqualTo(kept + VIA);
            String ours = "X-Forwarded-Proto: http\r\nX-Forwarded-Port: "
                    + lb.address("front").getPort()
                    + "\r\nSLB-ID: test\r\nSLB-IP: 127.0.0.1\r\nX-Forwarded-Client-srcport: "
                    + client.socket().getLocalPort()
                    + "\r\nX-Forwarded-Host: a\r\n" + VIA;
            assertThat(told(client, server, others)).isEqualTo(others + ours);
            assertThat(told(client, server, "X_Forwarded-Proto: https\r\nX-Forwarded_Host: evil\r\nslb_id: evil\r\n"))
                    .as("of the proxy's client, which the proxy did not notice")
                    .isEqualTo(ours);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void thePortIsThatOfTheClientThatIsBelieved(NettyEngine engine) throws Exception {
        try (StrictServer server = new StrictServer();
                LoadBalancer lb = front(
                                engine,
                                l -> l.xForwardedFor(XForwardedFor.OFF)
                                        .xForwardedProto(false)
                                        .xForwardedClientSrcport(true),
                                server.id())
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            String port = "X-Forwarded-For: 192.0.2.1:77, 10.0.0.1:88\r\n";
            assertThat(told(client, server, port)).isEqualTo(port + "X-Forwarded-Client-srcport: 77\r\n" + VIA);
            String none = "X-Forwarded-For: 192.0.2.1\r\n";
            assertThat(told(client, server, none)).isEqualTo(none + VIA);
        }
    }

    /** Keeps who the requests came from, as in {@code 192.0.2.1 port 0}. */
    private static final class Sources implements TrafficObserver {

        private final BlockingQueue<String> sources = new LinkedBlockingQueue<>();

        @Override
        public void flowEnded(FlowRecord record) {
            Flow flow = record.flow();
            byte[] address = ByteBuffer.allocate(16)
                    .putLong(flow.sourceHigh())
                    .putLong(flow.sourceLow())
                    .array();
            sources.add(NetUtil.bytesToIpAddress(address) + " port " + flow.sourcePort());
        }

        String next() throws InterruptedException {
            return sources.take();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void observersSeeTheFirstAddressFromTheRightThatIsNotTrusted(NettyEngine engine) throws Exception {
        Map<String, String> clients = new HashMap<>();
        clients.put("192.0.2.1", "192.0.2.1 port 0");
        clients.put("198.51.100.66, 192.0.2.1:80", "192.0.2.1 port 80");
        clients.put("192.0.2.1, 10.1.2.3,10.0.0.1:5 , 127.0.0.1", "192.0.2.1 port 0");
        clients.put("10.0.0.2:7, 10.0.0.1", "10.0.0.2 port 7");
        clients.put("192.0.2.1, unknown, 10.0.0.1", "10.0.0.1 port 0");
        clients.put("192.0.2.1, 192.0.2.300, 10.0.0.1:9", "10.0.0.1 port 9");
        clients.put(" , 192.0.2.1 , ,", "192.0.2.1 port 0");
        clients.put("::ffff:192.0.2.1", "192.0.2.1 port 0");
        clients.put("192.0.2.1, [2001:db8::7]:443, 2001:db8:1::1", "2001:db8::7 port 443");
        Sources seen = new Sources();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = front(engine, l -> l.xForwardedFor(XForwardedFor.REMOVE), server.id())
                        .observer(seen)
                        .start();
                HttpClient trusted = HttpClient.to(lb, "front");
                HttpClient stranger = HttpClient.from("127.0.0.2", lb, "front")) {
            for (Map.Entry<String, String> each : clients.entrySet()) {
                askFor(trusted, each.getKey());
                assertThat(toFull(seen.next())).as(each.getKey()).isEqualTo(toFull(each.getValue()));
            }
            ask(trusted, "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\nX-Forwarded-For: 10.0.0.1\r\n");
            assertThat(toFull(seen.next())).isEqualTo("192.0.2.2 port 0");
            String peer = "127.0.0.1 port " + trusted.socket().getLocalPort();
            for (String nobody : new String[] {"", "unknown", "192.0.2.1, _hidden", "\"192.0.2.1\"", "::"}) {
                askFor(trusted, nobody);
                assertThat(toFull(seen.next())).as(nobody).isEqualTo(peer);
            }
            askFor(stranger, "192.0.2.1");
            assertThat(toFull(seen.next()))
                    .isEqualTo("127.0.0.2 port " + stranger.socket().getLocalPort());
            lb.update(c -> c.listener("front", l -> l.trustedProxies()));
            askFor(trusted, "192.0.2.1");
            assertThat(toFull(seen.next())).as("not trusted any more").isEqualTo(peer);
        }
    }

    /** One spelling for one address. */
    private static String toFull(String source) {
        int space = source.indexOf(' ');
        byte[] address = NetUtil.createByteArrayFromIpAddressString(source.substring(0, space));
        boolean mapped =
                address.length == 16 && NetUtil.bytesToIpAddress(address).contains("ffff:");
        return NetUtil.bytesToIpAddress(mapped ? java.util.Arrays.copyOfRange(address, 12, 16) : address)
                + source.substring(space);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void eachClientBehindAProxyHasItsOwnLimit(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        trusting(
                                        Balancers.http(server.id()).cluster(Cluster.single()),
                                        l -> l.limit(Limit.qpsPerClient(10)))
                                .build());
                HttpClient one = HttpClient.to(lb, "front");
                HttpClient other = HttpClient.to(lb, "front")) {
            for (String address : new String[] {"192.0.2.1", "192.0.2.2", "2001:db8::1"}) {
                assertThat(askFor(one, "192.0.2.66, " + address).status())
                        .as(address)
                        .isEqualTo(200);
                assertThat(askFor(other, address + ", 10.0.0.1").status())
                        .as(address)
                        .isEqualTo(503);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void sourceHashingAndStickinessGoByTheClient(NettyEngine engine) throws Exception {
        try (WebServer one = WebServer.saying("1");
                WebServer two = WebServer.saying("2");
                LoadBalancer lb = front(engine, l -> l.scheduler(Schedulers.sourceHash()), one.id(), two.id())
                        .start();
                HttpClient client = HttpClient.to(lb, "front");
                HttpClient again = HttpClient.to(lb, "front")) {
            Set<String> served = new HashSet<>();
            for (int i = 1; i <= 30; i++) {
                String first = askFor(client, "192.0.2." + i).text();
                served.add(first);
                assertThat(askFor(again, "192.0.2." + i + ", 10.0.0.1").text()).isEqualTo(first);
            }
            assertThat(served).containsExactlyInAnyOrder("1", "2");
            lb.update(c -> c.listener(
                    "front",
                    l -> l.scheduler(Schedulers.roundRobin()).sticky(Stickiness.sourceIp(Duration.ofMinutes(5)))));
            served.clear();
            for (int i = 1; i <= 4; i++) {
                String first = askFor(client, "192.0.2." + i).text();
                served.add(first);
                for (int turn = 0; turn < 3; turn++) {
                    assertThat(askFor(again, "192.0.2." + i).text()).isEqualTo(first);
                }
            }
            assertThat(served).containsExactlyInAnyOrder("1", "2");
        }
    }

    /** Who may connect is another matter: there is nothing yet but the peer. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void rulesAskForTheClientAndAccessListsForThePeer(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("server");
                LoadBalancer lb = front(
                                engine,
                                l -> l.access(AccessControl.deny("192.0.2.0/24", "127.0.0.3"))
                                        .rule(
                                                "rule",
                                                r -> r.source("192.0.2.0/24")
                                                        .respond(FixedResponse.of(200)
                                                                .body("rule"))),
                                server.id())
                        .start();
                HttpClient client = HttpClient.to(lb, "front");
                HttpClient denied = HttpClient.from("127.0.0.3", lb, "front")) {
            assertThat(askFor(client, "192.0.2.1").text()).isEqualTo("rule");
            assertThat(askFor(client, "192.0.2.1, 198.51.100.1").text()).isEqualTo("server");
            assertThat(denied.response().status()).isEqualTo(403);
        }
    }

    /** Behind a header of the PROXY protocol the peer is whom that names; towards servers it names whom the peer names. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void thePeerMayBeKnownByTheProxyProtocolAndTheClientToldByIt(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = front(
                                engine,
                                l -> l.proxyProtocolIn(ProxyProtocol.required("127.0.0.1"))
                                        .proxyProtocolOut(ProxyProtocol.Version.V1),
                                server.id())
                        .start();
                HttpClient trusted = HttpClient.to(lb, "front");
                HttpClient stranger = HttpClient.to(lb, "front")) {
            trusted.send("PROXY TCP4 10.0.0.7 198.51.100.9 1111 2222\r\n");
            askFor(trusted, "192.0.2.1:99");
            assertThat(server.requests().take().head())
                    .startsWith("PROXY TCP4 192.0.2.1 198.51.100.9 99 2222\r\nGET")
                    .contains("X-Forwarded-For: 192.0.2.1:99, 10.0.0.7\r\n");
            askFor(trusted, "2001:db8::5");
            assertThat(server.requests().take().head())
                    .as("of another family than the address that was reached, and without a port")
                    .matches("(?s)PROXY TCP6 2001:db8:[0:]*5 \\S+ 0 2222\r\nGET.*");
            stranger.send("PROXY TCP4 203.0.113.7 198.51.100.9 1111 2222\r\n");
            askFor(stranger, "192.0.2.1");
            assertThat(server.requests().take().head())
                    .startsWith("PROXY TCP4 203.0.113.7 198.51.100.9 1111 2222\r\nGET")
                    .contains("X-Forwarded-For: 203.0.113.7\r\n");
        }
    }
}
