package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.l4.ManualDiscovery;
import io.clb.l4.NettyEngine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests to servers that a discovery finds. */
final class HttpDiscoveryTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theNextRequestGoesToWhatIsFoundNow(NettyEngine engine) throws Exception {
        try (WebServer first = WebServer.saying("first");
                WebServer next = WebServer.saying("next")) {
            ManualDiscovery discovery = ManualDiscovery.of(first.id());
            try (LoadBalancer lb = Balancers.http(engine)
                            .serverGroup("web", g -> g.discovery(discovery))
                            .start();
                    HttpClient client = HttpClient.to(lb, "front")) {
                assertThat(client.get("/").text()).isEqualTo("first");
                discovery.found(next.id());
                await().until(() -> lb.snapshot().serverGroup("web").servers().stream()
                        .allMatch(server -> server.id().equals(next.id())));
                assertThat(client.get("/").text()).isEqualTo("next");
            }
        }
    }
}
