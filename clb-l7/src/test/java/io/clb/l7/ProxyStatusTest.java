package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.AccessControl;
import io.clb.FixedResponse;
import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.l4.Ports;
import io.clb.spi.Reason;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers that say why: RFC 9209. */
final class ProxyStatusTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static void assertSays(HttpClient.Response response, int status, String error, String details) {
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.field("proxy-status")).isEqualTo("clb; error=" + error + "; details=\"" + details + "\"");
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatTheBalancerAnswersItselfSaysWhy(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, "127.0.0.1:" + Ports.free())
                        .serverGroup("good", g -> g.server(server.id()))
                        .listener(
                                "front",
                                l -> l.proxyStatus(true)
                                        .rule("good", r -> r.path("/good").forwardTo("good"))
                                        .rule("fixed", r -> r.path("/fixed").respond(FixedResponse.of(503))))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertSays(client.get("/"), 502, "connection_refused", "connect-refused");
            assertThat(client.get("/good").field("proxy-status")).isNull();
            assertThat(client.get("/fixed").field("proxy-status")).isNull();
            assertSays(client.get("/%zz"), 400, "http_request_error", "bad-path");
            lb.update(c -> c.listener("front", l -> l.access(AccessControl.deny("127.0.0.1"))));
            try (HttpClient refused = HttpClient.to(lb, "front")) {
                assertSays(refused.response(), 403, "http_request_denied", "access-denied");
            }
            lb.update(c -> c.listener("front", l -> l.proxyStatus(false)));
            try (HttpClient refused = HttpClient.to(lb, "front")) {
                assertThat(refused.response().field("proxy-status")).isNull();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void everyReasonHasALineThatIsAStructuredField(Reason reason) {
        assertThat(new String(ProxyStatus.line(reason), java.nio.charset.StandardCharsets.US_ASCII))
                .matches("Proxy-Status: clb; error=[a-z_]+; details=\"[a-z0-9-]+\"\r\n")
                .hasSizeLessThan(ProxyStatus.MAX_LENGTH);
    }
}
