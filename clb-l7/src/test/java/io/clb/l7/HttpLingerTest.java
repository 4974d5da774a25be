package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.l4.SocketTable;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A client that does not take the rest of its last response. */
final class HttpLingerTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    @Test
    void isGivenUpAfterIt() throws Exception {
        try (WebServer server = WebServer.saying("x".repeat(64 * 1_024));
                LoadBalancer lb = Balancers.http(NettyEngine.epoll(), server.id())
                        .listener("front", l -> l.linger(Duration.ofSeconds(1)))
                        .start();
                HttpClient client = HttpClient.slowTo(lb, "front")) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    .socket()
                    .shutdownOutput();
            int port = client.socket().getLocalPort();
            await().until(() -> Balancers.front(lb).requests() == 1
                    && !SocketTable.has(lb.address("front").getPort(), port));
            assertThatThrownBy(client::response)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }
}
