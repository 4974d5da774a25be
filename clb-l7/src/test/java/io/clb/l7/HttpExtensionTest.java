package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.spi.Flow;
import io.clb.spi.FlowRecord;
import io.clb.spi.HttpFlow;
import io.clb.spi.Outcome;
import io.clb.spi.Reason;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import io.clb.spi.SessionSticker;
import io.clb.spi.TrafficObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Strategies and observers of the application's that throw in the middle of a request. */
final class HttpExtensionTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static RuntimeException onPurpose() {
        return new IllegalStateException("on purpose");
    }

    /** Shows that a request fails alone: the client is told, its connection goes on, and nothing stays counted. */
    private static void assertFailsAlone(NettyEngine engine, Consumer<ListenerConfig.Builder> listener)
            throws Exception {
        Seen seen = new Seen();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener("front", listener)
                        .observer(seen)
                        .start()) {
            try (HttpClient client = HttpClient.to(lb, "front")) {
                for (int i = 0; i < 2; i++) {
                    HttpClient.Response response = client.get("/");
                    assertThat(response.status()).isEqualTo(503);
                    assertThat(response.field("connection")).isNull();
                    Seen.Flow flow = seen.next();
                    assertThat(flow.reason()).isEqualTo(Reason.EXTENSION_FAILED);
                    assertThat(flow.status()).isEqualTo(503);
                    assertThat(flow.server()).isNull();
                }
                lb.update(c -> c.listener("front", l -> l.scheduler(null).sticky(null)));
                assertThat(client.get("/").text()).isEqualTo("hello");
            }
            Balancers.awaitNothingActive(lb);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aSchedulerThatThrows(NettyEngine engine) throws Exception {
        assertFailsAlone(
                engine,
                l -> l.scheduler((eligible, previous) -> (flow, now) -> {
                    throw onPurpose();
                }));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aStickerThatThrows(NettyEngine engine) throws Exception {
        assertFailsAlone(
                engine,
                l -> l.sticky((eligible, previous) -> new SessionSticker() {
                    @Override
                    public @Nullable Server recall(Flow flow, long nowNanos) {
                        throw onPurpose();
                    }

                    @Override
                    public void remember(Flow flow, Server server, long nowNanos) {
                        throw new AssertionError("nothing to remember");
                    }
                }));
    }

    /** A scheduler that fails when it is told of the end. */
    private static Scheduler failingAfterwards(Server only) {
        return new Scheduler() {
            @Override
            public Server pick(Flow flow, long nowNanos) {
                return only;
            }

            @Override
            public void released(Server server, Outcome outcome, long durationNanos, long nowNanos) {
                throw onPurpose();
            }
        };
    }

    /** A sticker that fails with all but its first question. */
    private static final class FailingAfterwards implements SessionSticker {

        @Override
        public @Nullable Server recall(Flow flow, long nowNanos) {
            return null;
        }

        @Override
        public void remember(Flow flow, Server server, long nowNanos) {
            throw onPurpose();
        }

        @Override
        public @Nullable String setCookie(HttpFlow request, Server server, int status) {
            throw onPurpose();
        }

        @Override
        public void ended(Flow flow, Server server, long nowNanos) {
            throw onPurpose();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatThrowsAfterThePickHarmsNoRequest(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        TrafficObserver thrower = new TrafficObserver() {
            @Override
            public void flowEnded(FlowRecord record) {
                throw onPurpose();
            }
        };
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .serverGroup(
                                "web", g -> g.scheduler((eligible, previous) -> failingAfterwards(eligible.server(0))))
                        .listener("front", l -> l.sticky((eligible, previous) -> new FailingAfterwards()))
                        .observer(thrower)
                        .observer(seen)
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 3; i++) {
                assertThat(client.get("/").text()).isEqualTo("hello");
                assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
                assertThat(lb.snapshot().observerFailures()).isEqualTo(i);
            }
            assertThat(server.accepted()).isEqualTo(1);
            client.leave();
            Balancers.awaitNothingActive(lb);
        }
    }
}
