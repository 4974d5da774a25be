package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.AccessControl;
import io.clb.LoadBalancer;
import io.clb.ProxyProtocol;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The PROXY protocol on HTTP listeners, from clients and to servers. */
final class HttpProxyProtocolTest {

    private static final String HEADER = "PROXY TCP4 192.0.2.7 198.51.100.9 1111 2222\r\n";
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static LoadBalancer start(NettyEngine engine, WebServer server) {
        return Balancers.http(engine, server.id())
                .listener(
                        "front",
                        l -> l.proxyProtocolIn(ProxyProtocol.required("127.0.0.1"))
                                .access(AccessControl.deny("192.0.2.8")))
                .start();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whoAHeaderSpeaksOfIsTheClientOfAllRequests(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = start(engine, server);
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(HEADER + REQUEST + REQUEST);
            for (int i = 0; i < 2; i++) {
                assertThat(client.response().text()).isEqualTo("hello");
                assertThat(server.requests().take().head()).contains("X-Forwarded-For: 192.0.2.7\r\n");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whoIsRefusedForItsHeadersAddressIsAnswered(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = start(engine, server);
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(HEADER.replace("192.0.2.7", "192.0.2.8") + REQUEST);
            assertThat(client.response().status()).isEqualTo(403);
            assertThat(client.endsInOrder()).isTrue();
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.ACCESS_DENIED, 1L);
            Balancers.awaitNothingActive(lb);
        }
    }

    /** Each connection to the server is for one client, and so for one request. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void eachRequestIsIntroducedToItsServer(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = start(engine, server);
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.send(HEADER + REQUEST).response().text()).isEqualTo("hello");
            assertThat(server.requests().take().head()).startsWith("GET");
            lb.update(c -> c.listener("front", l -> l.proxyProtocolOut(ProxyProtocol.Version.V1)));
            for (int i = 0; i < 2; i++) {
                assertThat(client.send(REQUEST).response().text()).isEqualTo("hello");
                assertThat(server.requests().take().head()).startsWith(HEADER + "GET");
            }
        }
    }
}
