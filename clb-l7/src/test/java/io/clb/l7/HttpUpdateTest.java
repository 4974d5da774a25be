package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Ports;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Updates while a client's connection is open: they count from its next request on. */
final class HttpUpdateTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** A server that answers when it may. */
    private static WebServer answeringWhen(Semaphore allowed, String text) {
        return WebServer.of(request -> {
            allowed.acquireUninterruptibly();
            return WebServer.ok(text);
        });
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theNextRequestGoesToTheNewGroup(NettyEngine engine) throws Exception {
        Semaphore allowed = new Semaphore(0);
        try (WebServer one = answeringWhen(allowed, "1");
                WebServer two = WebServer.saying("2");
                LoadBalancer lb = Balancers.http(engine, one.id())
                        .serverGroup("other", g -> g.server(two.id()))
                        .start();
                HttpClient client = HttpClient.to(lb, "front").send(GET)) {
            one.requests().take();
            lb.update(c -> c.listener("front", l -> l.forwardTo("other")).removeServerGroup("web"));
            allowed.release();
            assertThat(client.response().text()).isEqualTo("1");
            assertThat(client.get("/").text()).isEqualTo("2");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theNextRequestFollowsTheNewWeights(NettyEngine engine) throws Exception {
        Semaphore allowed = new Semaphore(0);
        try (WebServer one = answeringWhen(allowed, "1");
                WebServer two = WebServer.saying("2");
                LoadBalancer lb = Balancers.http(engine, one.id()).start();
                HttpClient client = HttpClient.to(lb, "front").send(GET)) {
            one.requests().take();
            lb.update(c -> c.serverGroup(
                    "web", g -> g.server(one.id(), s -> s.weight(0)).server(two.id())));
            assertThat(Balancers.server(lb, one.id()).active()).isEqualTo(1);
            allowed.release();
            assertThat(client.response().text()).isEqualTo("1");
            for (int i = 0; i < 3; i++) {
                assertThat(client.get("/").text()).isEqualTo("2");
            }
            assertThat(Balancers.server(lb, one.id()).active()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void theNextRequestHasTheNewTimeout(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        Semaphore allowed = new Semaphore(0);
        try (WebServer server = answeringWhen(allowed, "late");
                LoadBalancer lb = clock.start(
                        transport, Balancers.http(server.id()).observer(seen).build());
                HttpClient client = HttpClient.to(lb, "front").send(GET)) {
            server.requests().take();
            lb.update(c -> c.listener("front", l -> l.requestTimeout(Duration.ofSeconds(1))));
            clock.advance(Duration.ofSeconds(59));
            allowed.release();
            assertThat(client.response().text()).isEqualTo("late");
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            client.send(GET);
            server.requests().take();
            clock.advance(Duration.ofMillis(1_010));
            assertThat(client.response().status()).isEqualTo(504);
            assertThat(seen.next().reason()).isEqualTo(Reason.RESPONSE_TIMEOUT);
            allowed.release();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theNextRequestMayBeTheLast(NettyEngine engine) throws Exception {
        Semaphore allowed = new Semaphore(0);
        try (WebServer server = answeringWhen(allowed, "hello");
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front").send(GET)) {
            server.requests().take();
            lb.update(c -> c.listener("front", l -> l.maxRequestsPerConnection(1)));
            allowed.release(2);
            assertThat(client.response().field("connection")).isNull();
            assertThat(client.get("/").field("connection")).isEqualTo("close");
            assertThat(client.endsInOrder()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void afterTheListenerWasRemovedTheNextResponseIsTheLast(NettyEngine engine) throws Exception {
        Semaphore allowed = new Semaphore(1);
        try (WebServer server = answeringWhen(allowed, "hello");
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").field("connection")).isNull();
            int port = lb.address("front").getPort();
            client.send(GET);
            server.requests().take();
            server.requests().take();
            lb.update(c -> c.removeListener("front").removeServerGroup("web"));
            assertThat(Ports.isFree(port)).isTrue();
            allowed.release();
            HttpClient.Response last = client.response();
            assertThat(last.text()).isEqualTo("hello");
            assertThat(last.field("connection")).isEqualTo("close");
            assertThat(client.endsInOrder()).isTrue();
        }
    }
}
