package io.clb.l7;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.Map;

/** Balancers with a rule {@code r} that mirrors all requests of the group {@code web} to the group {@code shadow}. */
final class Mirrors {

    /** Conditions of copies come true within milliseconds. */
    static final Duration POLL = Duration.ofMillis(5);

    /** Longer than any test that does not move the clock. */
    private static final Duration LONG = Duration.ofSeconds(30);

    private Mirrors() {}

    /** A balancer to be, with groups that are not checked. */
    static Config.Builder mirroring(String web, String... shadows) {
        return Balancers.http(web)
                .serverGroup("shadow", g -> {
                    g.healthCheck(HealthCheck.none());
                    for (String shadow : shadows) {
                        g.server(shadow);
                    }
                })
                .listener(
                        "front",
                        l -> l.connectTimeout(LONG)
                                .rule("r", r -> r.path("/").forwardTo("web").mirrorTo("shadow")));
    }

    /** Such a balancer. */
    static LoadBalancer start(NettyEngine engine, String web, String... shadows) {
        return mirroring(web, shadows).engine(engine).start();
    }

    /** The counts of the rule. */
    static Snapshot.Mirror of(LoadBalancer lb) {
        return requireNonNull(Balancers.front(lb).mirrors().get("r"));
    }

    /** The state of a server of the group {@code shadow}. */
    static Snapshot.Server shadow(LoadBalancer lb, String id) {
        return lb.snapshot().serverGroup("shadow").server(id);
    }

    /** Waits until so many copies were answered, and no other is under way or was given up. */
    static void awaitMirrored(LoadBalancer lb, long count) {
        await().pollInterval(POLL).untilAsserted(() -> {
            Snapshot.Mirror mirror = of(lb);
            assertThat(mirror.givenUp()).isEmpty();
            assertThat(mirror.mirrored()).isEqualTo(count);
            assertThat(mirror.active()).isZero();
        });
        assertNothingActive(lb);
    }

    /** Waits until so many copies were given up, all for one reason, and none is under way. */
    static void awaitGivenUp(LoadBalancer lb, Reason reason, long count) {
        await().pollInterval(POLL).untilAsserted(() -> {
            Snapshot.Mirror mirror = of(lb);
            assertThat(mirror.givenUp()).isEqualTo(Map.of(reason, count));
            assertThat(mirror.active()).isZero();
        });
        assertNothingActive(lb);
    }

    private static void assertNothingActive(LoadBalancer lb) {
        assertThat(lb.snapshot().serverGroup("shadow").servers()).allMatch(server -> server.active() == 0);
    }
}
