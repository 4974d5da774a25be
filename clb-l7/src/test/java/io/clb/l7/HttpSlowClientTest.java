package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that take their time, or all of it. */
final class HttpSlowClientTest {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String LAST_GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    private static final Duration TICK = Duration.ofMillis(10);
    private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** A balancer whose time is the test's, and which tells of its flows. */
    private static LoadBalancer start(
            FakeClock clock, String transport, Seen seen, String server, Consumer<ListenerConfig.Builder> settings) {
        return clock.start(
                transport,
                Balancers.http(server)
                        .listener("front", settings)
                        .observer(seen)
                        .build());
    }

    private static String post(int length) {
        return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n";
    }

    /** Sends something, and waits until the balancer has read of it. */
    private static void sendAndAwaitRead(HttpClient client, String text, LoadBalancer lb) throws Exception {
        long before = Balancers.front(lb).bytesFromClients();
        client.send(text);
        await().until(() -> Balancers.front(lb).bytesFromClients() > before);
    }

    private static void assertTooSlow(HttpClient client, Seen.Flow flow, Reason reason) throws Exception {
        HttpClient.Response response = client.response();
        assertThat(response.status()).isEqualTo(408);
        assertThat(response.field("connection")).isEqualTo("close");
        assertThat(client.endsInOrder()).isTrue();
        assertThat(flow.reason()).isEqualTo(reason);
        assertThat(flow.status()).isEqualTo(408);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aHeadThatComesByteByByte(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = start(clock, transport, seen, server.id(), l -> {});
                HttpClient client = HttpClient.to(lb, "front")) {
            // The first response shows that what came with its request was read.
            client.send(GET + "GET /sl");
            assertThat(client.response().text()).isEqualTo("hello");
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            for (char c : "ow HTTP/1.".toCharArray()) {
                client.send(String.valueOf(c));
                clock.advance(HEAD_TIMEOUT.minus(TICK).dividedBy(10));
            }
            assertThat(seen.flows()).isEmpty();
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
            clock.advance(TICK.multipliedBy(2));
            Seen.Flow flow = seen.next();
            assertTooSlow(client, flow, Reason.REQUEST_HEAD_TIMEOUT);
            assertThat(flow.durationNanos()).isEqualTo(HEAD_TIMEOUT.plus(TICK).toNanos());
            assertThat(flow.server()).isNull();
            client.leave();
            Balancers.awaitNothingActive(lb);
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aBodyThatStops(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.hanging();
                LoadBalancer lb = start(clock, transport, seen, server.id(), l -> l.minDataRate(0));
                HttpClient client = HttpClient.to(lb, "front").send(post(9))) {
            server.heads().take();
            for (int i = 0; i < 5; i++) {
                clock.advance(HEAD_TIMEOUT.minus(TICK));
                sendAndAwaitRead(client, "x", lb);
            }
            clock.advance(HEAD_TIMEOUT.minus(TICK));
            assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(1);
            clock.advance(TICK.multipliedBy(2));
            assertTooSlow(client, seen.next(), Reason.REQUEST_BODY_TIMEOUT);
            assertThat(server.ends().take()).isNotNull();
            client.leave();
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.server(lb, server.id()).resets()).isZero();
        }
    }

    /** 100 bytes every two seconds, of 500 a second that are due. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aBodyThatDrips(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.hanging();
                LoadBalancer lb = start(clock, transport, seen, server.id(), l -> {});
                HttpClient client = HttpClient.to(lb, "front").send(post(9999))) {
            server.heads().take();
            int drops = 0;
            while (seen.flows().isEmpty()) {
                sendAndAwaitRead(client, "x".repeat(100), lb);
                drops++;
                clock.advance(Duration.ofSeconds(1));
                clock.advance(Duration.ofSeconds(1));
            }
            assertThat(drops).isBetween(5, 7);
            assertTooSlow(client, seen.next(), Reason.REQUEST_TOO_SLOW);
            assertThat(server.ends().take()).isNotNull();
            client.leave();
            Balancers.awaitNothingActive(lb);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aBodyThatIsFastEnoughAndNeverEnds(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.hanging();
                LoadBalancer lb =
                        start(clock, transport, seen, server.id(), l -> l.requestDeadline(Duration.ofSeconds(30)));
                HttpClient client = HttpClient.to(lb, "front").send(post(99999))) {
            server.heads().take();
            for (int i = 0; i < 6; i++) {
                assertThat(seen.flows()).isEmpty();
                sendAndAwaitRead(client, "x".repeat(5_000), lb);
                clock.advance(Duration.ofSeconds(5).minus(TICK));
            }
            assertThat(seen.flows()).isEmpty();
            clock.advance(TICK.multipliedBy(8));
            assertTooSlow(client, seen.next(), Reason.REQUEST_DEADLINE);
            client.leave();
            Balancers.awaitNothingActive(lb);
        }
    }

    /** It takes a byte now and then, which is movement, and not what must move: 500 a second. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aResponseThatIsReadInDrops(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.endless();
                LoadBalancer lb = start(clock, transport, seen, server.id(), l -> l.minDataRate(1_048_576));
                HttpClient client = HttpClient.slowTo(lb, "front").send(GET)) {
            assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
            for (int i = 0; i < 5 && seen.flows().isEmpty(); i++) {
                Balancers.awaitStill(lb);
                clock.advance(Duration.ofSeconds(50));
                // 1 MiB, of 50 that are due
                if (seen.flows().isEmpty()) {
                    client.exactly(MIB);
                }
            }
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.RESPONSE_READ_TOO_SLOWLY);
            assertThatThrownBy(client::rest).isInstanceOf(SocketException.class);
            assertThat(server.ends().take()).isNotNull();
            Balancers.awaitNothingActive(lb);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aBodyThatTheServerHasNotAskedForYetIsTheServersTurn(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        CountDownLatch ask = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.head();
                    await().until(() -> ask.getCount() == 0);
                    connection.send("HTTP/1.1 100 Continue\r\n\r\n");
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + connection.read(2));
                });
                LoadBalancer lb =
                        clock.start(transport, Balancers.http(server.id()).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            server.heads().take();
            clock.advance(REQUEST_TIMEOUT.minus(TICK));
            ask.countDown();
            assertThat(client.response().status()).isEqualTo(100);
            client.send("ok");
            assertThat(client.response().text()).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aResponseThatIsNotRead(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.endless();
                LoadBalancer lb = start(clock, transport, seen, server.id(), l -> {});
                HttpClient client = HttpClient.slowTo(lb, "front").send(GET)) {
            assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
            Balancers.awaitStill(lb);
            assertThat(Balancers.front(lb).bytesFromServers())
                    .as("what is held, by the system for the most part")
                    .isLessThan(16 * MIB);
            clock.advance(REQUEST_TIMEOUT.minus(TICK));
            assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(1);
            clock.advance(TICK.multipliedBy(2));
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.RESPONSE_NOT_READ);
            assertThat(flow.status()).isEqualTo(200);
            assertThatThrownBy(client::rest).isInstanceOf(SocketException.class);
            assertThat(server.ends().take()).isNotNull();
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.server(lb, server.id()).resets()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aResponseThatIsReadLittleByLittle(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        int size = 16 * MIB;
        byte[] large = WebServer.ok("x".repeat(size));
        try (WebServer server = WebServer.of(request -> large);
                LoadBalancer lb =
                        clock.start(transport, Balancers.http(server.id()).build())) {
            for (String request : new String[] {GET, LAST_GET}) {
                try (HttpClient client = HttpClient.slowTo(lb, "front").send(request)) {
                    while (!client.line().isEmpty()) {
                        // the head
                    }
                    for (int read = 0; read < size; read += 4 * MIB) {
                        Balancers.awaitStill(lb);
                        clock.advance(REQUEST_TIMEOUT.minus(TICK));
                        assertThat(client.exactly(4 * MIB)).hasSize(4 * MIB);
                    }
                }
            }
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.front(lb).ended()).containsOnlyKeys(Reason.COMPLETED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void theEndOfTheLastResponseThatIsNotRead(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        int held = Balancers.held(http -> clock.start(transport, http.build()));
        // One of these sizes leaves something in our own buffers when the server has sent it all.
        for (int size = held - 256 * KIB; size < held; size += 64 * KIB) {
            byte[] response = WebServer.ok("x".repeat(size));
            try (WebServer server = WebServer.of(request -> response);
                    LoadBalancer lb =
                            clock.start(transport, Balancers.http(server.id()).build());
                    HttpClient client = HttpClient.slowTo(lb, "front").send(LAST_GET)) {
                assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
                Balancers.awaitStill(lb);
                clock.advance(REQUEST_TIMEOUT.plus(TICK));
                clock.advance(REQUEST_TIMEOUT.plus(TICK));
                Balancers.awaitNothingActive(lb);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void tenThousandRequestsWhoseResponsesAreNotRead(NettyEngine engine) throws Exception {
        int requests = 10_000;
        byte[] answer = WebServer.ok("x".repeat(KIB));
        try (WebServer server = WebServer.of(request -> answer);
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener("front", l -> l.maxRequestsPerConnection(1_000_000))
                        .start();
                HttpClient client = HttpClient.slowTo(lb, "front").send(GET.repeat(requests))) {
            Balancers.awaitStill(lb);
            assertThat(Balancers.front(lb).requests()).isLessThan(requests / 2);
            for (int i = 0; i < requests; i++) {
                assertThat(client.response().status()).isEqualTo(200);
            }
            assertThat(server.accepted()).isEqualTo(1);
        }
    }
}
