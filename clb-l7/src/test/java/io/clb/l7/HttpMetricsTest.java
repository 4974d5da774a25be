package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Cluster;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.metrics.ClbMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests as meters tell of them. */
final class HttpMetricsTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void rulesStatusesAndReasonsHaveMeters(NettyEngine engine) throws Exception {
        byte[] missing = WebServer.bytes("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        try (WebServer server = WebServer.of(
                        request -> request.path().equals("/api/missing") ? missing : WebServer.ok("hello"));
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .cluster(Cluster.single())
                        .listener(
                                "front",
                                l -> l.rule(
                                        "api",
                                        r -> r.path("/api").limit(Limit.qps(1)).forwardTo("web")))
                        .start();
                HttpClient client = HttpClient.to(lb, "front");
                ClbMetrics metrics = new ClbMetrics(lb)) {
            assertThat(client.get("/").status()).isEqualTo(200);
            assertThat(client.get("/api/missing").status()).isEqualTo(404);
            assertThat(client.get("/api/missing").status()).isEqualTo(503);
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            metrics.bindTo(registry);
            assertThat(count(registry, "clb.listener.requests", "listener", "front"))
                    .isEqualTo(3);
            assertThat(count(registry, "clb.listener.responses", "listener", "front", "status", "5xx"))
                    .isEqualTo(1);
            assertThat(count(registry, "clb.rule.requests", "listener", "front", "rule", "api"))
                    .isEqualTo(2);
            assertThat(count(registry, "clb.rule.ended", "rule", "api", "reason", "limit-qps"))
                    .isEqualTo(1);
            assertThat(count(registry, "clb.rule.upstream.responses", "rule", "api", "status", "4xx"))
                    .isEqualTo(1);
            assertThat(count(registry, "clb.server.requests", "server", server.id()))
                    .isEqualTo(2);
            assertThat(count(registry, "clb.group.upstream.responses", "group", "web", "status", "2xx"))
                    .isEqualTo(1);
            assertThat(count(registry, "clb.limit.dropped", "rule", "api", "limit", "qps"))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void mirrorsHaveMeters(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb =
                        Mirrors.mirroring(web.id(), shadow.id()).engine(engine).start();
                HttpClient client = HttpClient.to(lb, "front");
                ClbMetrics metrics = new ClbMetrics(lb)) {
            assertThat(client.get("/").status()).isEqualTo(200);
            Mirrors.awaitMirrored(lb, 1);
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            metrics.bindTo(registry);
            assertThat(count(registry, "clb.mirror.mirrored", "listener", "front", "rule", "r"))
                    .isEqualTo(1);
        }
    }

    private static double count(SimpleMeterRegistry registry, String name, String... tags) {
        return registry.get(name).tags(tags).functionCounter().count();
    }
}
