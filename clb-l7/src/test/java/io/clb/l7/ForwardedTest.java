package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Config;
import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.ProxyProtocol;
import io.clb.XForwardedFor;
import io.clb.l4.NettyEngine;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What servers are told about clients that come by themselves. */
final class ForwardedTest {

    private static final String FOR = "X-Forwarded-For: 127.0.0.1\r\n";
    private static final String PROTO = "X-Forwarded-Proto: http\r\n";
    private static final String VIA = "Via: 1.1 clb\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static Config.Builder front(
            NettyEngine engine, StrictServer server, Consumer<ListenerConfig.Builder> settings) {
        return Balancers.http(engine, server.id()).listener("front", settings);
    }

    /** What a server gets behind the first line and the host of a request with these fields. */
    private static String told(HttpClient client, StrictServer server, String fields) throws Exception {
        String begin = "GET / HTTP/1.1\r\nHost: example.com:81\r\n";
        assertThat(client.send(begin + fields + "\r\n").response().status()).isEqualTo(200);
        String request = server.request();
        assertThat(request).startsWith(begin).endsWith("\r\n\r\n");
        return request.substring(begin.length(), request.length() - "\r\n".length());
    }

    private static void change(LoadBalancer lb, Consumer<ListenerConfig.Builder> settings) {
        lb.update(c -> c.listener("front", settings));
    }

    /** Each is read at the head of a request, so on a connection that is open too. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void eachFieldHasASwitch(NettyEngine engine) throws Exception {
        try (StrictServer server = new StrictServer();
                LoadBalancer lb = front(engine, server, l -> l.maxRequestsPerConnection(1_000))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            int port = lb.address("front").getPort();
            int clientPort = client.socket().getLocalPort();
            assertThat(told(client, server, "")).isEqualTo(FOR + PROTO + VIA);
            change(lb, l -> l.xForwardedProto(false));
            assertThat(told(client, server, "")).isEqualTo(FOR + VIA);
            change(lb, l -> l.via(false));
            assertThat(told(client, server, "Via: 1.0 other\r\n")).isEqualTo("Via: 1.0 other\r\n" + FOR);
            change(lb, l -> l.xForwardedFor(XForwardedFor.REMOVE));
            assertThat(told(client, server, "")).isEmpty();
            change(lb, l -> l.xForwardedPort(true));
            assertThat(told(client, server, "")).isEqualTo("X-Forwarded-Port: " + port + "\r\n");
            change(lb, l -> l.xForwardedPort(false).xForwardedHost(true));
            assertThat(told(client, server, "")).isEqualTo("X-Forwarded-Host: example.com:81\r\n");
            change(lb, l -> l.xForwardedHost(false).xForwardedClientSrcport(true));
            assertThat(told(client, server, "")).isEqualTo("X-Forwarded-Client-srcport: " + clientPort + "\r\n");
            change(lb, l -> l.xForwardedClientSrcport(false).slbId(true));
            assertThat(told(client, server, "")).isEqualTo("SLB-ID: test\r\n");
            change(lb, l -> l.slbId(false).slbIp(true));
            assertThat(told(client, server, "")).isEqualTo("SLB-IP: 127.0.0.1\r\n");
            assertThat(server.faults()).isEmpty();
        }
    }

    private static void everything(ListenerConfig.Builder l) {
        l.xForwardedPort(true)
                .xForwardedHost(true)
                .xForwardedClientSrcport(true)
                .slbId(true)
                .slbIp(true)
                .allowUnderscores(true);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatAClientSaysItselfIsDroppedHoweverItIsSpelt(NettyEngine engine) throws Exception {
        String forged = "X-Forwarded-For: 192.0.2.66\r\nx-FORWARDED-proto: https\r\nX_Forwarded-Port: 443\r\n"
                + "X-Forwarded_Host: evil\r\nx-forwarded-client-SRCPORT: 1\r\nX-Forwarded-Eip: 192.0.2.66\r\n"
                + "Slb-Id: evil\r\nslb_id: evil\r\nSLB_IP: 192.0.2.66\r\nslb-ip: 192.0.2.66\r\n"
                + "Forwarded: for=192.0.2.66\r\n"
                // Nor does it get rid of ours.
                + "Connection: x-forwarded-for, slb-id, via\r\n";
        try (StrictServer server = new StrictServer();
                LoadBalancer lb =
                        front(engine, server, ForwardedTest::everything).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            String all = FOR + PROTO + "X-Forwarded-Port: "
                    + lb.address("front").getPort()
                    + "\r\nSLB-ID: test\r\nSLB-IP: 127.0.0.1\r\nX-Forwarded-Client-srcport: "
                    + client.socket().getLocalPort()
                    + "\r\nX-Forwarded-Host: example.com:81\r\n" + VIA;
            assertThat(told(client, server, forged)).isEqualTo(all);
            change(lb, l -> l.xForwardedFor(XForwardedFor.OFF));
            assertThat(told(client, server, forged)).isEqualTo(all.substring(FOR.length()));
            // Another proxy is trusted, not this client.
            change(lb, l -> l.xForwardedFor(XForwardedFor.APPEND).trustedProxies("127.0.0.2", "::1"));
            assertThat(told(client, server, forged)).isEqualTo(all);
        }
    }

    /** The host of the target counts, as for everything else; a request of HTTP/1.0 may have none. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theHostIsThatOfTheRequest(NettyEngine engine) throws Exception {
        try (StrictServer server = new StrictServer();
                LoadBalancer lb = front(
                                engine, server, l -> l.xForwardedHost(true).xForwardedFor(XForwardedFor.REMOVE))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("GET http://target:82/x HTTP/1.1\r\nHost: field\r\n\r\n")
                    .response();
            assertThat(server.request())
                    .isEqualTo("GET /x HTTP/1.1\r\nHost: target:82\r\n" + PROTO + "X-Forwarded-Host: target:82\r\n"
                            + VIA + "\r\n");
            client.send("GET / HTTP/1.0\r\n\r\n").response();
            assertThat(server.request()).isEqualTo("GET / HTTP/1.0\r\n" + PROTO + "Via: 1.0 clb\r\n\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void addressesMayBeOfIpv6(NettyEngine engine) throws Exception {
        try (StrictServer server = new StrictServer();
                LoadBalancer lb = front(
                                engine, server, l -> l.bind("::1").slbIp(true).xForwardedProto(false))
                        .start();
                HttpClient client = HttpClient.from("::1", lb, "front")) {
            assertThat(told(client, server, "")).isEqualTo("X-Forwarded-For: ::1\r\nSLB-IP: ::1\r\n" + VIA);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void behindAHeaderOfTheProxyProtocolItsAddressesCount(NettyEngine engine) throws Exception {
        try (StrictServer server = new StrictServer();
                LoadBalancer lb = front(
                                engine,
                                server,
                                l -> l.proxyProtocolIn(ProxyProtocol.required("127.0.0.1"))
                                        .xForwardedPort(true)
                                        .xForwardedClientSrcport(true)
                                        .slbIp(true))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("PROXY TCP4 192.0.2.7 198.51.100.9 1111 2222\r\n");
            assertThat(told(client, server, ""))
                    .isEqualTo("X-Forwarded-For: 192.0.2.7\r\n" + PROTO
                            + "X-Forwarded-Port: 2222\r\nSLB-IP: 198.51.100.9\r\nX-Forwarded-Client-srcport: 1111\r\n"
                            + VIA);
        }
    }
}
