package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Cluster;
import io.clb.Config;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits of requests and of connections on HTTP listeners, on a clock that stands still until it is moved. */
final class HttpLimitTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** A balancer whose cluster may take 700 requests a second. */
    private static Config.Builder limited(WebServer server) {
        return Balancers.http(server.id())
                .listener("front", l -> l.maxRequestsPerConnection(1_000_000).limit(Limit.qps(700)));
    }

    /** Asks until it is refused, over a connection that goes on, and returns how many requests were served. */
    private static int drain(HttpClient client) throws IOException {
        int served = 0;
        while (true) {
            HttpClient.Response response = client.get("/");
            assertThat(response.field("connection")).isNull();
            if (response.status() != 200) {
                assertThat(response.status()).isEqualTo(503);
                return served;
            }
            served++;
        }
    }

    /** 700/(8-1): 100 a second, 10 of them at once. */
    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void letsTheBurstThroughAndThenTheRateAndAnswersTheRestWith503(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(transport, limited(server).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(drain(client)).isEqualTo(10);
            for (int i = 0; i < 10; i++) {
                clock.advance(Duration.ofMillis(50));
                assertThat(drain(client)).isEqualTo(5);
            }
            clock.advance(SECOND);
            assertThat(drain(client)).isEqualTo(10);
            assertThat(lb.snapshot().listener("front").ended()).containsEntry(Reason.LIMIT_QPS, 12L);
            assertThat(server.requests()).hasSize(70);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void aClusterOfOneHasTheTotalAndAnUpdateChangesItForOpenConnections(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport, limited(server).cluster(Cluster.single()).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(drain(client)).isEqualTo(70);
            lb.update(c -> c.cluster(Cluster.fixed(8)));
            assertThat(drain(client)).isZero();
            clock.advance(SECOND);
            assertThat(drain(client)).isEqualTo(10);
            lb.update(c -> c.listener("front", l -> l.removeLimit(Limit.Kind.QPS)));
            for (int i = 0; i < 100; i++) {
                assertThat(client.get("/").status()).isEqualTo(200);
            }
        }
    }

    /** 70/(8-1): 10 connections a second, 1 at once. */
    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void aConnectionTooManyIsAnsweredWith503AndClosed(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server)
                                .listener(
                                        "front",
                                        l -> l.removeLimit(Limit.Kind.QPS).limit(Limit.cps(70)))
                                .build())) {
            try (HttpClient first = HttpClient.to(lb, "front")) {
                assertThat(first.get("/").status()).isEqualTo(200);
                try (HttpClient second = HttpClient.to(lb, "front")) {
                    HttpClient.Response refused = second.response();
                    assertThat(refused.status()).isEqualTo(503);
                    assertThat(refused.field("connection")).isEqualTo("close");
                    assertThat(second.endsInOrder()).isTrue();
                }
                assertThat(first.get("/").status()).isEqualTo(200);
            }
            assertThat(lb.snapshot().listener("front").ended()).containsEntry(Reason.LIMIT_CPS, 1L);
            clock.advance(Duration.ofMillis(100));
            try (HttpClient third = HttpClient.to(lb, "front")) {
                assertThat(third.get("/").status()).isEqualTo(200);
            }
        }
    }
}
