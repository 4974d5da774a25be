package io.clb.l7;

import static io.clb.l7.WebServer.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.spi.FlowRecord;
import io.clb.spi.Reason;
import io.clb.spi.TrafficObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that answer with a timeout of their own. */
final class ServerTimeoutsTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** Keeps how requests ended, as in {@code COMPLETED 502 of 504}. */
    private static final class Ended implements TrafficObserver {

        private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();

        @Override
        public void flowEnded(FlowRecord record) {
            ended.add(record.reason() + " " + record.status() + " of " + record.triedStatus(0));
        }
    }

    /** A server that answers with the status that the path names. */
    private static WebServer server() {
        return WebServer.of(request -> request.head().startsWith("HEAD")
                ? bytes("HTTP/1.1 504 Gateway Time-out\r\nContent-Length: 9\r\n\r\n")
                : bytes("HTTP/1.1 " + request.path().substring(1)
                        + " Its own words\r\nX-Kept: 1\r\nContent-Length: 4\r\n\r\nbody"));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void become502AndObserversSeeWhatTheServerSaid(NettyEngine engine) throws Exception {
        Ended seen = new Ended();
        try (WebServer server = server();
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int status : new int[] {504, 444}) {
                HttpClient.Response response = client.get("/" + status);
                assertThat(response.statusLine()).isEqualTo("HTTP/1.1 502 Bad Gateway");
                assertThat(response.fields()).containsExactly("X-Kept: 1", "Content-Length: 4");
                assertThat(response.text()).isEqualTo("body");
                assertThat(seen.ended.take()).isEqualTo("COMPLETED 502 of " + status);
            }
            client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.response(true).statusLine()).isEqualTo("HTTP/1.1 502 Bad Gateway");
            assertThat(seen.ended.take()).isEqualTo("COMPLETED 502 of 504");
            for (int status : new int[] {200, 408, 443, 500, 502, 503, 505}) {
                assertThat(client.get("/" + status).statusLine()).isEqualTo("HTTP/1.1 " + status + " Its own words");
                assertThat(seen.ended.take()).isEqualTo("COMPLETED " + status + " of " + status);
            }
            assertThat(server.accepted()).isEqualTo(1);
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.COMPLETED, 10L);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void arePassedOnWhereThatIsWanted(NettyEngine engine) throws Exception {
        try (WebServer server = server();
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/504").status()).isEqualTo(502);
            lb.update(c -> c.listener("front", l -> l.serverTimeoutsAs502(false)));
            assertThat(client.get("/504").statusLine()).isEqualTo("HTTP/1.1 504 Its own words");
            assertThat(client.get("/444").statusLine()).isEqualTo("HTTP/1.1 444 Its own words");
        }
    }
}
