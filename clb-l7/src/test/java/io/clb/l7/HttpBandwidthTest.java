package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Cluster;
import io.clb.Config;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Limits of bandwidth on HTTP listeners and rules, on a clock that stands still until it is moved. */
final class HttpBandwidthTest {

    /** 100,000 bytes a second, 10,000 at once. */
    private static final Limit LIMIT = Limit.bandwidth(800_000);

    private static final long BYTES_PER_MILLI = 100;
    private static final long BURST = 10_000;

    /** What is read at once at most at this rate. */
    private static final int TURN = 512;

    /** What leaves less than a turn of the burst, and needs no more than it has. */
    private static final int ALMOST_BURST = 9_600;

    /** 34 bytes a second: a turn in 15 s, which is longer than any timeout of a client. At once, two turns. */
    private static final Limit SLOW = Limit.bandwidth(16_380).per(Duration.ofMinutes(1));

    private static final Duration SLOW_TURN = Duration.ofSeconds(15);

    private static final int SIZE = 60_000;
    private static final Duration STEP = Duration.ofMillis(50);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(10);
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** A listener with a limit. */
    private static Config.Builder limited(String server, Limit limit) {
        return Balancers.http(server).cluster(Cluster.single()).listener("front", l -> l.limit(limit));
    }

    /** A listener without a limit, and a rule that has one. */
    private static Config.Builder limitedRule(String server) {
        return Balancers.http(server)
                .cluster(Cluster.single())
                .listener(
                        "front",
                        l -> l.rule(
                                "slow", r -> r.path("/slow/").forwardTo("web").limit(LIMIT)));
    }

    private static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2));
    }

    private static String post(String path, int bytes) {
        return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + bytes + "\r\n\r\n" + "x".repeat(bytes);
    }

    private static String chunks(int number, int size) {
        return (Integer.toHexString(size) + "\r\n" + "x".repeat(size) + "\r\n").repeat(number) + "0\r\n\r\n";
    }

    /** A response 200 of so many bytes, its head included. */
    private static byte[] whole(int bytes) {
        int head = WebServer.ok("x".repeat(1_000)).length - 1_000;
        return WebServer.ok("x".repeat(bytes - head));
    }

    /** Something that moves, and how much there is of it. */
    private record Moving(LongSupplier passed, long total) {

        /** All that was earned has passed, but for less than two turns; and no more, but for a turn that somebody before did not use up. */
        void awaitEarned(long earned) {
            soon().until(() -> passed.getAsLong() >= Math.min(total, BURST + earned - 2 * TURN));
            assertThat(passed.getAsLong()).isLessThanOrEqualTo(BURST + earned + TURN);
        }

        boolean isOver() {
            return passed.getAsLong() == total;
        }
    }

    /** Moves the clock until all is over. */
    private static void flow(FakeClock clock, Moving... all) {
        for (int step = 0; ; step++) {
            long earned = step * STEP.toMillis() * BYTES_PER_MILLI;
            for (Moving moving : all) {
                moving.awaitEarned(earned);
            }
            if (List.of(all).stream().allMatch(Moving::isOver)) {
                return;
            }
            clock.advance(STEP);
        }
    }

    private static Moving fromClients(LoadBalancer lb, long total) {
        long before = Balancers.front(lb).bytesFromClients();
        return new Moving(() -> Balancers.front(lb).bytesFromClients() - before, total);
    }

    private static Moving fromServers(LoadBalancer lb, long total) {
        long before = Balancers.front(lb).bytesFromServers();
        return new Moving(() -> Balancers.front(lb).bytesFromServers() - before, total);
    }

    private static List<Snapshot.EnforcedLimit> ofRule(LoadBalancer lb) {
        return Balancers.front(lb).ruleLimits().getOrDefault("slow", List.of());
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void uploadsArePacedAndTheConnectionGoesOn(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        String chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(60, 1_000);
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        clock.start(transport, limited(server.id(), LIMIT).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            for (String request : List.of(post("/", SIZE), chunked)) {
                Moving upload = fromClients(lb, request.length());
                client.send(request);
                flow(clock, upload);
                assertThat(client.response().text()).isEqualTo("hello");
                assertThat(server.requests().take().body()).hasSize(SIZE);
                clock.advance(SECOND);
                assertThat(client.get("/").status()).isEqualTo(200);
                assertThat(server.requests().take().body()).isEmpty();
                clock.advance(SECOND);
            }
            assertThat(server.accepted()).isEqualTo(1);
            List<Snapshot.EnforcedLimit> limits = Balancers.front(lb).limits();
            assertThat(limits.get(0).putOff()).isPositive();
            assertThat(limits.get(0).dropped()).isZero();
            assertThat(limits.get(1).putOff()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void downloadsArePacedAndTheConnectionGoesOn(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        byte[] sized = WebServer.ok("x".repeat(SIZE));
        byte[] chunked = WebServer.bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(60, 1_000));
        try (WebServer server = WebServer.of(request -> switch (request.path()) {
                    case "/sized" -> sized;
                    case "/chunked" -> chunked;
                    default -> WebServer.ok("hello");
                });
                LoadBalancer lb =
                        clock.start(transport, limited(server.id(), LIMIT).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            for (String path : List.of("/sized", "/chunked")) {
                Moving download = fromServers(lb, path.equals("/sized") ? sized.length : chunked.length);
                client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
                flow(clock, download);
                assertThat(client.response().body()).hasSize(SIZE);
                clock.advance(SECOND);
                assertThat(client.get("/").text()).isEqualTo("hello");
                clock.advance(SECOND);
            }
            assertThat(server.accepted()).isEqualTo(1);
            List<Snapshot.EnforcedLimit> limits = Balancers.front(lb).limits();
            assertThat(limits.get(0).putOff()).isZero();
            assertThat(limits.get(1).putOff()).isPositive();
            assertThat(limits.get(1).dropped()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void eachDirectionHasTheWholeLimit(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        byte[] large = WebServer.ok("x".repeat(SIZE));
        String request = post("/", SIZE);
        try (WebServer server = WebServer.of(asked -> asked.body().length == 0 ? large : WebServer.ok("hello"));
                LoadBalancer lb =
                        clock.start(transport, limited(server.id(), LIMIT).build());
                HttpClient down = HttpClient.to(lb, "front");
                HttpClient up = HttpClient.to(lb, "front")) {
            Moving download = fromServers(lb, large.length);
            Moving upload = fromClients(lb, request.length() + GET.length());
            down.send(GET);
            soon().until(() -> Balancers.front(lb).requests() == 1);
            up.send(request);
            // The answer to the upload comes when both are over.
            flow(clock, new Moving(() -> Math.min(download.passed().getAsLong(), large.length), large.length), upload);
            clock.advance(SECOND);
            assertThat(down.response().body()).hasSize(SIZE);
            assertThat(up.response().text()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aRulesDownloadsArePacedAndNoOthers(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        byte[] large = WebServer.ok("x".repeat(SIZE));
        try (WebServer server = WebServer.of(request -> large);
                LoadBalancer lb =
                        clock.start(transport, limitedRule(server.id()).build());
                HttpClient client = HttpClient.to(lb, "front");
                HttpClient other = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").body()).hasSize(SIZE);
            Moving download = fromServers(lb, large.length);
            client.send("GET /slow/ HTTP/1.1\r\nHost: a\r\n\r\n");
            download.awaitEarned(0);
            assertThat(other.get("/").body()).hasSize(SIZE);
            flow(clock, new Moving(() -> download.passed().getAsLong() - large.length, large.length));
            assertThat(client.response().body()).hasSize(SIZE);
            assertThat(client.get("/").body()).hasSize(SIZE);
            assertThat(ofRule(lb).get(0).putOff()).isZero();
            assertThat(ofRule(lb).get(1).putOff()).isPositive();
            assertThat(Balancers.front(lb).limits()).isEmpty();
            lb.update(c -> c.listener("front", l -> l.rule("slow", r -> r.removeLimit(Limit.Kind.BANDWIDTH))));
            assertThat(client.get("/slow/").body()).hasSize(SIZE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aRulesUploadsArePacedAndNoOthers(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        String head = "POST /slow/ HTTP/1.1\r\nHost: a\r\nContent-Length: " + SIZE + "\r\n\r\n";
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        clock.start(transport, limitedRule(server.id()).build());
                HttpClient client = HttpClient.to(lb, "front");
                HttpClient other = HttpClient.to(lb, "front")) {
            assertThat(client.send(post("/", SIZE)).response().text()).isEqualTo("hello");
            assertThat(client.send(post("/", SIZE)).response().text()).isEqualTo("hello");
            Moving headOnly = fromClients(lb, head.length());
            client.send(head);
            soon().until(headOnly::isOver);
            Moving upload = fromClients(lb, SIZE);
            client.send("x".repeat(SIZE));
            upload.awaitEarned(0);
            String free = post("/", SIZE);
            assertThat(other.send(free).response().text()).isEqualTo("hello");
            flow(clock, new Moving(() -> upload.passed().getAsLong() - free.length(), SIZE));
            assertThat(client.response().text()).isEqualTo("hello");
            assertThat(client.send(free).response().text()).isEqualTo("hello");
            assertThat(ofRule(lb).get(0).putOff()).isPositive();
            assertThat(ofRule(lb).get(1).putOff()).isZero();
        }
    }

    /** What is read together with its head is charged when its rule is known, and the request waits for it: with a body, and without. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aRulesSmallRequestsArePacedToo(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        String padded = "GET /slow/ HTTP/1.1\r\nHost: a\r\nX-Long: " + "x".repeat(958) + "\r\n\r\n";
        List<HttpClient> clients = new ArrayList<>();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        clock.start(transport, limitedRule(server.id()).build());
                HttpClient other = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 30; i++) {
                clients.add(HttpClient.to(lb, "front"));
            }
            for (String request : List.of(post("/slow/", 946), padded)) {
                assertThat(request).hasSize(1_000);
                long putOffBefore = ofRule(lb).get(0).putOff();
                for (HttpClient client : clients) {
                    client.send(request);
                }
                soon().until(() -> countOf("/slow/", server) + ofRule(lb).get(0).putOff() == putOffBefore + 30);
                // Of two loops that share what is left for one request, either may be left without.
                assertThat(ofRule(lb).get(0).putOff() - putOffBefore).isBetween(20L, 21L);
                assertThat(other.send(post("/", SIZE)).response().text()).isEqualTo("hello");
                flow(clock, new Moving(() -> countOf("/slow/", server) * 1_000L, 30_000));
                for (HttpClient client : clients) {
                    assertThat(client.response().text()).isEqualTo("hello");
                }
                server.requests().clear();
                clock.advance(SECOND);
            }
            assertThat(ofRule(lb).get(0).dropped()).isZero();
        } finally {
            close(clients);
        }
    }

    private static long countOf(String path, WebServer server) {
        return server.requests().stream()
                .filter(request -> request.path().equals(path))
                .count();
    }

    private static void close(List<HttpClient> clients) throws IOException {
        for (HttpClient client : clients) {
            client.close();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aRequestThatWaitsIsUnderANewLimitAtOnce(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        limitedRule(server.id())
                                .listener("front", l -> l.rule("slow", r -> r.limit(SLOW)))
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(post("/slow/", 1_900));
            soon().until(() -> ofRule(lb).get(0).putOff() == 1);
            clock.advance(SECOND);
            assertThat(server.accepted()).isZero();
            lb.update(c -> c.listener("front", l -> l.rule("slow", r -> r.limit(LIMIT))));
            assertThat(client.response().text()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aRequestThatWouldWaitForMoreThanAMinuteIsRefused(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        limitedRule(server.id())
                                .observer(seen)
                                .listener("front", l -> l.rule("slow", r -> r.limit(SLOW)))
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("GET /slow/ HTTP/1.1\r\nHost: a\r\nX-Long: " + "x".repeat(6_000) + "\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(503);
            assertThat(seen.next().reason()).isEqualTo(Reason.LIMIT_BANDWIDTH);
            assertThat(ofRule(lb).get(0).dropped()).isEqualTo(1);
            // Nobody waits for what was not served.
            assertThat(client.get("/slow/").text()).isEqualTo("hello");
            assertThat(client.get("/").text()).isEqualTo("hello");
        }
    }

    /** Which server is fit is looked up when it goes on, not when it came. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aRequestThatWaitedGoesToNoServerThatWasTakenOutMeanwhile(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer before = WebServer.saying("before");
                WebServer after = WebServer.saying("after");
                LoadBalancer lb = clock.start(
                        transport,
                        limitedRule(before.id())
                                .listener("front", l -> l.rule("slow", r -> r.limit(SLOW)))
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(post("/slow/", 1_900));
            soon().until(() -> ofRule(lb).get(0).putOff() == 1);
            lb.update(c -> c.serverGroup("web", g -> g.server(after.id()).removeServer(before.id())));
            for (int step = 0; step < 12; step++) {
                clock.advance(Duration.ofSeconds(5));
            }
            assertThat(client.response().text()).isEqualTo("after");
            assertThat(before.accepted()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aRequestWhoseClientLeavesWhileItWaitsIsGivenUp(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        String request = "GET /slow/ HTTP/1.1\r\nHost: a\r\nX-Long: " + "x".repeat((int) BURST) + "\r\n\r\n";
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport, limitedRule(server.id()).observer(seen).build())) {
            HttpClient client = HttpClient.to(lb, "front").send(request);
            soon().until(() -> ofRule(lb).get(0).putOff() == 1);
            client.reset();
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.CLIENT_RESET);
            assertThat(flow.server()).isNull();
            clock.advance(SECOND);
            assertThat(server.accepted()).isZero();
        }
    }

    private static long putOff(LoadBalancer lb, int direction) {
        return Balancers.front(lb).limits().get(direction).putOff();
    }

    /** Six turns for the head, of which four have to wait. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aHeadThatWaitsForItsTurnIsNotTooSlow(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        clock.start(transport, limited(server.id(), SLOW).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + "x".repeat(3_000) + "\r\n\r\n");
            waitForTurns(4, clock, lb, 0);
            assertThat(client.response().text()).isEqualTo("hello");
        }
    }

    /** As long as so many turns take, in steps that let timeouts see who is waited for. */
    private static void waitForTurns(int turns, FakeClock clock, LoadBalancer lb, int direction) {
        soon().until(() -> putOff(lb, direction) > 0);
        for (int step = 0; step <= 3 * turns; step++) {
            clock.advance(SLOW_TURN.dividedBy(3));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aBodyThatWaitsForItsTurnIsNotTooSlow(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        String request = post("/", 3_000);
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        clock.start(transport, limited(server.id(), SLOW).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(request);
            waitForTurns(4, clock, lb, 0);
            assertThat(client.response().text()).isEqualTo("hello");
        }
    }

    /** The server's timeout is 10 s here, and each of its turns takes 15 s. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aResponseThatWaitsForItsTurnIsNotTooSlow(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        byte[] response = whole(4 * TURN - 100);
        try (WebServer server = WebServer.of(request -> response);
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server.id(), SLOW)
                                .listener("front", l -> l.requestTimeout(HEAD_TIMEOUT))
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(GET);
            waitForTurns(2, clock, lb, 1);
            assertThat(client.response().status()).isEqualTo(200);
        }
    }

    /** Its request is there, and nobody has read it yet: it is not idle. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aConnectionThatWaitsForItsTurnIsNotIdle(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server.id(), SLOW)
                                .listener("front", l -> l.idleTimeout(HEAD_TIMEOUT))
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            String request = post("/", 900);
            assertThat(request.length()).isBetween(TURN, 2 * TURN);
            assertThat(client.send(request).response().text()).isEqualTo("hello");
            client.send(post("/", 1_000));
            waitForTurns(2, clock, lb, 0);
            assertThat(client.response().text()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void silentClientsAreTimedOutAllTheSame(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport, limited(server.id(), LIMIT).observer(seen).build());
                HttpClient inBody =
                        HttpClient.to(lb, "front").send(post("/", 100).substring(0, 100));
                HttpClient idle = HttpClient.to(lb, "front")) {
            soon().until(() -> Balancers.front(lb).bytesFromClients() == 100);
            // What follows an answer is read in one turn with its request.
            HttpClient inHead = idle.send(GET + "GET /");
            assertThat(inHead.response().text()).isEqualTo("hello");
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            clock.advance(HEAD_TIMEOUT.plusMillis(20));
            assertThat(inBody.response().status()).isEqualTo(408);
            assertThat(inHead.response().status()).isEqualTo(408);
            assertThat(List.of(seen.next().reason(), seen.next().reason()))
                    .containsExactlyInAnyOrder(Reason.REQUEST_BODY_TIMEOUT, Reason.REQUEST_HEAD_TIMEOUT);
            try (HttpClient silent = HttpClient.to(lb, "front")) {
                assertThat(silent.send(GET).response().text()).isEqualTo("hello");
                clock.advance(Duration.ofSeconds(16));
                assertThat(silent.endsInOrder()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aRequestForWhichNothingIsLeftIsRefusedIfTheLimitRefuses(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        byte[] response = whole(ALMOST_BURST);
        try (WebServer server = WebServer.of(request -> response);
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server.id(), LIMIT.refuse().retryAfter())
                                .observer(seen)
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int round = 1; round <= 3; round++) {
                assertThat(client.get("/").status()).isEqualTo(200);
                assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
                HttpClient.Response refused = client.get("/");
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.field("retry-after")).isEqualTo("1");
                assertThat(refused.field("connection")).isNull();
                Seen.Flow flow = seen.next();
                assertThat(flow.reason()).isEqualTo(Reason.LIMIT_BANDWIDTH);
                assertThat(flow.server()).isNull();
                assertThat(Balancers.front(lb).ended())
                        .isEqualTo(Map.of(Reason.COMPLETED, (long) round, Reason.LIMIT_BANDWIDTH, (long) round));
                assertThat(Balancers.front(lb).limits().get(1).dropped()).isEqualTo(round);
                clock.advance(SECOND);
            }
            assertThat(server.requests()).hasSize(3);
        }
    }
}
