package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.RequestFilters;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.spi.HttpFlow;
import io.clb.spi.Reason;
import io.clb.spi.RequestFilter;
import io.clb.spi.Ruling;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Filters of the application's, which judge requests before a server gets to see them. */
final class RequestFilterTest {

    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n";
    private static final String CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static Config.Builder filtered(NettyEngine engine, WebServer server, RequestFilter... filters) {
        return filtered(Balancers.http(engine, server.id()), RequestFilters.of(filters));
    }

    private static Config.Builder filtered(Config.Builder config, RequestFilters filters) {
        return config.listener("front", l -> l.requestFilters(filters));
    }

    private static String text(ByteBuffer bytes) {
        return ISO_8859_1.decode(bytes).toString();
    }

    /** Asked by somebody else: answers when the test says so. */
    private static final class Slow implements RequestFilter {

        final BlockingQueue<Ruling> asked = new LinkedBlockingQueue<>();
        final AtomicInteger ended = new AtomicInteger();

        @Override
        public void request(HttpFlow request, Ruling ruling) {
            if (request.path().toString().equals("/slow")) {
                asked.add(ruling);
            } else {
                ruling.pass();
            }
        }

        Ruling next() throws InterruptedException {
            Ruling next = asked.poll(10, SECONDS);
            assertThat(next).isNotNull();
            return next;
        }

        @Override
        public void ended(Ruling ruling) {
            ended.incrementAndGet();
        }
    }

    /** Wants to see a body whole, and denies what has a word in it. */
    private static final class Whole implements RequestFilter {

        final Queue<String> shown = new ConcurrentLinkedQueue<>();

        @Override
        public void request(HttpFlow request, Ruling ruling) {
            ruling.more();
        }

        @Override
        public void body(ByteBuffer content, boolean last, Ruling ruling) {
            String text = text(content);
            shown.add(text);
            if (text.contains("attack")) {
                ruling.deny(422);
            } else {
                ruling.more();
            }
        }
    }

    /** Looks at each part by itself. */
    private static final class Parts implements RequestFilter {

        final Queue<String> shown = new ConcurrentLinkedQueue<>();

        @Override
        public void request(HttpFlow request, Ruling ruling) {
            ruling.pass();
        }

        @Override
        public void body(ByteBuffer content, boolean last, Ruling ruling) {
            String text = text(content);
            shown.add(text + (last ? "." : ""));
            if (text.contains("attack")) {
                ruling.deny(403);
            } else {
                ruling.pass();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void oneThatIsDeniedIsAnsweredAndNoServerSeesIt(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        RequestFilter filter = (request, ruling) -> {
            if (request.path().toString().startsWith("/admin")) {
                ruling.deny(404);
            } else {
                ruling.allow();
            }
        };
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        filtered(engine, server, filter).observer(seen).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/admin/users").status()).isEqualTo(404);
            Seen.Flow denied = seen.next();
            assertThat(denied.reason()).isEqualTo(Reason.FILTER_DENIED);
            assertThat(denied.status()).isEqualTo(404);
            assertThat(denied.server()).isNull();
            // over the same connection
            assertThat(client.get("/").text()).isEqualTo("hello");
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void oneThatWaitsForItsVerdictHoldsUpNobodyElse(NettyEngine engine) throws Exception {
        Slow filter = new Slow();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = filtered(engine, server, filter).start();
                HttpClient waiting = HttpClient.to(lb, "front");
                HttpClient other = HttpClient.to(lb, "front")) {
            waiting.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
            Ruling ruling = filter.next();
            for (int i = 0; i < 10; i++) {
                assertThat(other.get("/").text()).isEqualTo("hello");
            }
            assertThat(server.requests().stream().map(WebServer.Request::path)).doesNotContain("/slow", "/next");
            assertThat(ruling.allow()).isTrue();
            assertThat(ruling.deny(403)).isFalse();
            assertThat(waiting.response().text()).isEqualTo("hello");
            assertThat(waiting.response().text()).isEqualTo("hello");
            assertThat(server.requests().stream().map(WebServer.Request::path)).endsWith("/slow", "/next");
            await().until(() -> filter.ended.get() == 12);
        }
    }

    /** The answer comes while the call that asks returns, a little earlier or later. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void answersOfAnotherThreadAreNeverLost(NettyEngine engine) throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        RequestFilter filter = (request, ruling) -> {
            int spins = ThreadLocalRandom.current().nextInt(200);
            other.execute(ruling::pass);
            for (int i = 0; i < spins; i++) {
                Thread.onSpinWait();
            }
        };
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = filtered(engine, server, filter, filter).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 90; i++) {
                assertThat(client.get("/").text()).isEqualTo("hello");
            }
        } finally {
            other.shutdownNow();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatIsSentWithOneThatWaitsComesToTheServerAfterwards(NettyEngine engine) throws Exception {
        Slow filter = new Slow();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = filtered(engine, server, filter).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nbody!");
            assertThat(filter.next().pass()).isTrue();
            assertThat(client.response().text()).isEqualTo("hello");
            assertThat(server.requests().take().text()).isEqualTo("body!");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itSeesTheContentOfBodiesAndTheServerWhatTheClientSent(NettyEngine engine) throws Exception {
        Parts filter = new Parts();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = filtered(engine, server, filter).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(CHUNKED);
            client.send("5\r\nfirst\r\n");
            await().until(() -> filter.shown.contains("first"));
            client.send("7\r\n second\r\n0\r\n\r\n");
            assertThat(client.response().text()).isEqualTo("hello");
            assertThat(server.requests().take().text()).isEqualTo("first second");
            assertThat(String.join("", filter.shown)).isEqualTo("first second.");
            // the next one is as good
            client.send(POST + "\r\nhello there!");
            assertThat(client.response().text()).isEqualTo("hello");
            assertThat(server.requests().take().text()).isEqualTo("hello there!");
        }
    }

    /** Part of it has gone by then: nothing more goes, and the connection to the server is closed. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void onePartOfABodyThatIsDeniedEndsTheRequest(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        Parts filter = new Parts();
        Queue<String> came = new ConcurrentLinkedQueue<>();
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.head();
                    connection.record(came);
                });
                LoadBalancer lb = filtered(Balancers.http(engine, server.id()), RequestFilters.of(filter))
                        .observer(seen)
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(POST + "\r\nhello ");
            await().until(() -> came.contains("hello "));
            client.send("attack");
            assertThat(client.response().status()).isEqualTo(403);
            assertThat(client.endsInOrder()).isTrue();
            assertThat(seen.next().reason()).isEqualTo(Reason.FILTER_DENIED);
            assertThat(server.ends().take()).isNotNull();
            assertThat(String.join("", came)).isEqualTo("hello ");
            client.leave();
            Balancers.awaitNothingActive(lb);
        }
    }

    /** What one filter wants to see together is held, and comes to no server before. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aBodyThatIsHeldIsJudgedAsAWhole(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        Whole filter = new Whole();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        filtered(engine, server, filter).observer(seen).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(CHUNKED).send("4\r\ngood\r\n");
            await().until(() -> filter.shown.contains("good"));
            client.send("1\r\n!\r\n");
            await().until(() -> filter.shown.contains("good!"));
            assertThat(server.accepted()).isZero();
            client.send("0\r\n\r\n");
            assertThat(client.response().text()).isEqualTo("hello");
            assertThat(server.requests().take().text()).isEqualTo("good!");
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            client.send(CHUNKED).send("4\r\n att\r\n");
            await().until(() -> filter.shown.contains(" att"));
            client.send("3\r\nack\r\n");
            assertThat(client.response().status()).isEqualTo(422);
            assertThat(seen.next().reason()).isEqualTo(Reason.FILTER_DENIED);
            assertThat(server.requests()).isEmpty();
            await().until(() -> lb.snapshot().bufferedBytes() == 0);
        }
    }

    /** The server that would ask for the body is not there yet. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aClientThatWaitsToBeAskedForItsBodyIsAsked(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = filtered(engine, server, new Whole()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(POST + "Expect: 100-continue\r\n\r\n");
            assertThat(client.response(true).status()).isEqualTo(100);
            client.send("hello there!");
            assertThat(client.response().text()).isEqualTo("hello");
            assertThat(server.requests().take().text()).isEqualTo("hello there!");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatIsHeldIsBounded(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = filtered(
                                Balancers.http(engine, server.id()),
                                RequestFilters.of(new Whole()).maxHeld(1_024))
                        .observer(seen)
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n" + "x".repeat(1_500));
            assertThat(client.response().status()).isEqualTo(413);
            assertThat(seen.next().reason()).isEqualTo(Reason.FILTER_HELD_TOO_MUCH);
            assertThat(server.accepted()).isZero();
            await().until(() -> lb.snapshot().bufferedBytes() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void oneThatDoesNotAnswerInTime(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        Slow filter = new Slow();
        RequestFilters filters = RequestFilters.of(filter).timeout(Duration.ofSeconds(2));
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        filtered(Balancers.http(server.id()), filters)
                                .observer(seen)
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            Ruling late = filter.next();
            // the loop waits for the answer by then
            clock.advance(Duration.ZERO);
            clock.advance(Duration.ofMillis(1_900));
            assertThat(seen.flows()).isEmpty();
            clock.advance(Duration.ofMillis(200));
            assertThat(client.response().status()).isEqualTo(503);
            assertThat(seen.next().reason()).isEqualTo(Reason.FILTER_TIMEOUT);
            assertThat(late.pass()).isFalse();
            assertThat(filter.ended).hasValue(1);
            assertThat(server.accepted()).isZero();

            lb.update(c -> c.listener("front", l -> l.requestFilters(filters.failOpen(true))));
            client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            filter.next();
            clock.advance(Duration.ZERO);
            clock.advance(Duration.ofMillis(2_100));
            assertThat(client.response().text()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void oneThatThrows(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        RequestFilter broken = (request, ruling) -> {
            throw new IllegalStateException("on purpose");
        };
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        filtered(engine, server, broken).observer(seen).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").status()).isEqualTo(503);
            assertThat(seen.next().reason()).isEqualTo(Reason.EXTENSION_FAILED);
            assertThat(server.accepted()).isZero();
            lb.update(c -> c.listener(
                    "front", l -> l.requestFilters(RequestFilters.of(broken).failOpen(true))));
            assertThat(client.get("/").text()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void eachIsAskedInTurnAndOneThatDeniesIsEnough(NettyEngine engine) throws Exception {
        Slow first = new Slow();
        Queue<String> second = new ConcurrentLinkedQueue<>();
        RequestFilter denying = (request, ruling) -> {
            second.add(request.path().toString());
            ruling.deny(451);
        };
        RequestFilter never = (request, ruling) -> second.add("not to be asked");
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        filtered(engine, server, first, denying, never).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            Ruling ruling = first.next();
            assertThat(second).isEmpty();
            ruling.attach("seen by the next question");
            assertThat(ruling.attachment()).isEqualTo("seen by the next question");
            ruling.allow();
            assertThat(client.response().status()).isEqualTo(451);
            assertThat(second).containsExactly("/slow");
            assertThat(server.accepted()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aClientThatGoesAwayWhileItWaitsIsForgotten(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        Slow filter = new Slow();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        filtered(engine, server, filter).observer(seen).start()) {
            Ruling ruling;
            try (HttpClient client = HttpClient.to(lb, "front")) {
                client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
                ruling = filter.next();
                client.reset();
            }
            assertThat(seen.next().reason().party()).isEqualTo(Reason.Party.CLIENT);
            await().until(() -> filter.ended.get() == 1);
            assertThat(ruling.allow()).isFalse();
            Balancers.awaitNothingActive(lb);
            assertThat(server.accepted()).isZero();
        }
    }

    /** What runs keeps what it began with. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theyAreSwitchedWhileRequestsRun(NettyEngine engine) throws Exception {
        Slow filter = new Slow();
        RequestFilter denying = (request, ruling) -> ruling.deny(403);
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .requestFilters(RequestFilters.of(filter))
                        .start();
                HttpClient waiting = HttpClient.to(lb, "front");
                HttpClient client = HttpClient.to(lb, "front")) {
            waiting.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            Ruling ruling = filter.next();
            lb.update(c -> c.listener("front", l -> l.requestFilters(RequestFilters.of(denying))));
            assertThat(client.get("/slow").status()).isEqualTo(403);
            lb.update(c -> c.listener("front", l -> l.noRequestFilters()));
            assertThat(client.get("/slow").text()).isEqualTo("hello");
            lb.update(c -> c.listener("front", l -> l.requestFilters(null)));
            client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            Ruling next = filter.next();
            assertThat(ruling.pass()).isTrue();
            assertThat(waiting.response().text()).isEqualTo("hello");
            assertThat(next.deny(418)).isTrue();
            assertThat(client.response().status()).isEqualTo(418);
            assertThat(List.copyOf(server.requests())).hasSize(2);
        }
    }
}
