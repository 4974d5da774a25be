package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a balancer holds of responses that nobody reads, and of requests that no server does. */
final class HttpMemoryTest {

    private static final int MEBIBYTE = 1 << 20;

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static long ended(LoadBalancer lb) {
        return Balancers.front(lb).ended().getOrDefault(Reason.MEMORY, 0L);
    }

    /** A response that came whole is held all the same. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatIsLeftOfResponsesThatEndedCountsToo(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("x".repeat(100_000));
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).maxBufferedMiB(1).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            await().until(() -> {
                try {
                    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                } catch (IOException reset) {
                    return true;
                }
                return lb.snapshot().bufferedBytes() > 0;
            });
        }
    }

    /** A server that closes has all read at once that the system held of its response. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void responsesThatNobodyReadsAreBrokenOff(NettyEngine engine) throws Exception {
        String body = "x".repeat(4 * MEBIBYTE);
        List<HttpClient> clients = new ArrayList<>();
        try (WebServer server = WebServer.saying(body);
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).maxBufferedMiB(1).start()) {
            // One after the other: what the system holds for each is full first.
            await().pollInterval(Balancers.STILL).until(() -> {
                HttpClient client = HttpClient.to(lb, "front");
                clients.add(client);
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                // And what each loop has just read.
                assertThat(lb.snapshot().bufferedBytes()).isLessThanOrEqualTo(2L * MEBIBYTE);
                return ended(lb) > 0;
            });
            for (HttpClient client : clients) {
                client.close();
            }
            Balancers.awaitNothingActive(lb);
            await().until(() -> lb.snapshot().bufferedBytes() == 0);
            try (HttpClient next = HttpClient.to(lb, "front")) {
                assertThat(next.get("/").text()).hasSize(4 * MEBIBYTE);
            }
        }
    }
}
