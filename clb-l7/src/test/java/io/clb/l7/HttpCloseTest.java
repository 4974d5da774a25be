package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.l4.Groups;
import io.clb.l4.HungServer;
import io.clb.l4.NettyEngine;
import io.clb.l4.Ports;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.net.SocketException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The end of a balancer at once, in the middle of all that there may be. */
@SuppressWarnings("try") // closing is what this is about
final class HttpCloseTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** Closes a balancer with a connection in each state there is, and shows that both sides of all see the end. */
    private static void assertAllEnds(LoadBalancer lb, ScriptedServer server, Seen seen) throws Exception {
        try (HttpClient fresh = HttpClient.to(lb, "front");
                HttpClient idle = HttpClient.to(lb, "front");
                HttpClient half = HttpClient.to(lb, "front");
                HttpClient waiting = HttpClient.to(lb, "front");
                HttpClient begun = HttpClient.to(lb, "front").send("GET /begun HTTP/1.1\r\nHost: a\r\n\r\n")) {
            assertThat(begun.line()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(idle.get("/whole").text()).isEqualTo("ok");
            // The answer shows that what came with its request was read.
            assertThat(half.send("GET /whole HTTP/1.1\r\nHost: a\r\n\r\nGET /ha")
                            .response()
                            .text())
                    .isEqualTo("ok");
            server.heads().clear();
            waiting.send(GET + GET + GET);
            server.heads().take();
            int port = lb.address("front").getPort();
            long requests = Balancers.front(lb).requests();
            lb.close();
            assertThat(Ports.isFree(port)).isTrue();
            assertThat(fresh.endsInOrder()).isTrue();
            assertThat(idle.endsInOrder()).isTrue();
            assertThat(half.response().status()).isEqualTo(503);
            HttpClient.Response response = waiting.response();
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.field("connection")).isEqualTo("close");
            assertThatThrownBy(begun::rest).isInstanceOf(SocketException.class);
            await().until(() -> server.open() == 0);
            assertThat(server.heads()).as("requests that waited").isEmpty();
            assertThat(Balancers.front(lb).active()).isZero();
            // Half a head becomes a request when its time is over.
            assertThat(Balancers.front(lb).requests()).isEqualTo(requests + 1);
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.COMPLETED, 2L, Reason.SHUTDOWN, 3L));
            assertThat(seen.flows()).hasSize(5);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void allEndsAtOnce(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.wholeOrBegun();
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start()) {
            assertAllEnds(lb, server, seen);
            assertThat(Balancers.threads("test")).isEmpty();
        }
    }

    static Stream<EventLoopGroup> groups() {
        return Stream.of(EpollIoHandler.newFactory(), NioIoHandler.newFactory())
                .map(handlers -> new MultiThreadIoEventLoopGroup(2, handlers));
    }

    @ParameterizedTest
    @MethodSource("groups")
    void nothingStaysOnTheApplicationsLoops(EventLoopGroup group) throws Exception {
        try {
            for (int i = 0; i < 2; i++) {
                Seen seen = new Seen();
                try (ScriptedServer server = ScriptedServer.wholeOrBegun();
                        LoadBalancer lb = Balancers.http(NettyEngine.on(group), server.id())
                                .observer(seen)
                                .start()) {
                    assertThat(Groups.planned(group)).isZero();
                    assertAllEnds(lb, server, seen);
                }
                assertThat(Balancers.threads("test")).isEmpty();
                assertThat(Groups.planned(group)).as("nothing ticks on").isZero();
            }
        } finally {
            Groups.end(group);
        }
    }

    @ParameterizedTest
    @MethodSource("groups")
    void aConnectUnderWayAndARefusalEndToo(EventLoopGroup group) throws Exception {
        try (HungServer hung = new HungServer();
                LoadBalancer lb = Balancers.http(NettyEngine.on(group), hung.id())
                        .listener(
                                "closed",
                                l -> l.http(0)
                                        .bind("127.0.0.1")
                                        .access(flow -> false)
                                        .forwardTo("web"))
                        .start();
                HttpClient connecting = HttpClient.to(lb, "front").send(GET);
                HttpClient refused = HttpClient.to(lb, "closed")) {
            assertThat(refused.response().status()).isEqualTo(403);
            Balancers.awaitOn(lb, hung.id());
            lb.close();
            assertThat(connecting.response().status()).isEqualTo(503);
            assertThat(connecting.endsInOrder()).isTrue();
            assertThat(refused.endsInOrder()).isTrue();
            assertThat(Groups.planned(group)).isZero();
            assertThat(Balancers.server(lb, hung.id()).active()).isZero();
        } finally {
            Groups.end(group);
        }
    }
}
