package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of requests on a server whose time to drain is over. */
final class HttpDrainTest {

    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final Duration ALMOST = Duration.ofMillis(9_990);
    private static final Duration REST = Duration.ofMillis(10);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void anOpenRequestIsAnsweredWith503AndABegunResponseIsReset(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (ScriptedServer leaving = ScriptedServer.wholeOrBegun();
                ScriptedServer staying = ScriptedServer.wholeOrBegun();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http(leaving.id())
                                .serverGroup("web", g -> g.draining(WINDOW))
                                .observer(seen)
                                .build());
                HttpClient begun = HttpClient.to(lb, "front").send("GET /begun HTTP/1.1\r\nHost: a\r\n\r\n");
                HttpClient waiting = HttpClient.to(lb, "front").send("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
                HttpClient idle = HttpClient.to(lb, "front")) {
            assertThat(begun.line()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(idle.get("/whole").text()).isEqualTo("ok");
            await().until(() -> leaving.heads().size() == 3);
            seen.next();
            lb.update(c -> c.serverGroup("web", g -> g.drain(leaving.id()).server(staying.id())));
            clock.advance(ALMOST);
            assertThat(seen.flows()).isEmpty();
            assertThat(leaving.open())
                    .as("two requests, and the idle connection")
                    .isEqualTo(3);

            clock.advance(REST);
            HttpClient.Response answer = waiting.response();
            assertThat(answer.status()).isEqualTo(503);
            assertThatThrownBy(begun::rest).isInstanceOf(SocketException.class);
            assertThat(seen.next().reason()).isEqualTo(Reason.SERVER_DRAINED);
            assertThat(seen.next().reason()).isEqualTo(Reason.SERVER_DRAINED);
            await().until(() -> leaving.open() == 0);

            assertThat(waiting.get("/whole").text())
                    .as("its connection goes on")
                    .isEqualTo("ok");
            assertThat(idle.get("/whole").text()).isEqualTo("ok");
            assertThat(staying.accepted()).isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aServerThatIsUndrainedBeforeKeepsItsRequests(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (ScriptedServer server = ScriptedServer.wholeOrBegun();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http(server.id())
                                .serverGroup("web", g -> g.draining(WINDOW))
                                .build());
                HttpClient begun = HttpClient.to(lb, "front").send("GET /begun HTTP/1.1\r\nHost: a\r\n\r\n")) {
            assertThat(begun.line()).isEqualTo("HTTP/1.1 200 OK");
            lb.update(c -> c.serverGroup("web", g -> g.drain(server.id())));
            clock.advance(ALMOST);
            lb.update(c -> c.serverGroup("web", g -> g.undrain(server.id())));
            clock.advance(WINDOW);
            assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(1);
            assertThat(Balancers.front(lb).ended()).isEmpty();
        }
    }
}
