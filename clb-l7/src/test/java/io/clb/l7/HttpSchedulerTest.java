package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.l4.Ports;
import io.clb.schedule.Schedulers;
import io.clb.spi.FlowKind;
import io.clb.spi.SchedulerFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What clients of an HTTP listener notice of its scheduler. */
final class HttpSchedulerTest {

    private static final int REQUESTS = 60;
    private static final int SLOW_MILLIS = 100;

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** Each scheduler that can be used for requests, on each transport. */
    static Stream<Arguments> schedulers() {
        return Schedulers.catalogue().stream()
                .filter(scheduler -> scheduler.serves(FlowKind.REQUEST))
                .flatMap(scheduler -> Balancers.engines().map(engine -> Arguments.of(engine, scheduler)));
    }

    /** What the servers say to so many requests, one after the other. */
    private static List<String> said(LoadBalancer lb) throws Exception {
        List<String> said = new ArrayList<>();
        try (HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < REQUESTS; i++) {
                said.add(client.get("/" + i).text());
            }
        }
        return said;
    }

    @ParameterizedTest
    @MethodSource("schedulers")
    void requestsGoToServersThatHaveWeightAndAnswer(NettyEngine engine, SchedulerFactory scheduler) throws Exception {
        String nobody = "127.0.0.1:" + Ports.free();
        try (WebServer server = WebServer.saying("served");
                WebServer idle = WebServer.saying("of weight 0");
                LoadBalancer lb = Balancers.http(engine, server.id(), idle.id(), nobody)
                        .serverGroup("web", g -> g.scheduler(scheduler).server(idle.id(), s -> s.weight(0)))
                        .start()) {
            assertThat(said(lb)).hasSize(REQUESTS).containsOnly("served");
            lb.update(u -> u.serverGroup(
                    "web", g -> g.server(idle.id(), s -> s.weight(1)).removeServer(server.id())));
            assertThat(said(lb)).hasSize(REQUESTS).containsOnly("of weight 0");
        }
    }

    /** Requests that agree in something, and differ in all else, go to one server; those without it too, as they are of one client. */
    private static void assertGoesBy(
            NettyEngine engine, SchedulerFactory scheduler, IntFunction<String> request, String without)
            throws Exception {
        try (WebServer one = WebServer.saying("1");
                WebServer two = WebServer.saying("2");
                LoadBalancer lb = Balancers.http(engine, one.id(), two.id())
                        .listener("front", l -> l.scheduler(scheduler))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            Set<String> all = new HashSet<>();
            for (int key = 0; key < 20; key++) {
                Set<String> of = new HashSet<>();
                for (int i = 0; i < 4; i++) {
                    of.add(client.send(request.apply(key).replace("@", Integer.toString(i)))
                            .response()
                            .text());
                }
                assertThat(of).as(request.apply(key)).hasSize(1);
                all.addAll(of);
            }
            assertThat(all).containsOnly("1", "2");
            Set<String> others = new HashSet<>();
            for (int i = 0; i < 10; i++) {
                others.add(client.send(without.replace("@", Integer.toString(i)))
                        .response()
                        .text());
            }
            assertThat(others).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void requestsGoByWhatIsHashed(NettyEngine engine) throws Exception {
        String end = " HTTP/1.1\r\nHost: a\r\nX-Noise: @\r\n";
        assertGoesBy(
                engine,
                Schedulers.pathHash(),
                key -> "GET /" + key + "?noise=@" + end + "\r\n",
                "GET /same?@" + end + "\r\n");
        assertGoesBy(
                engine,
                Schedulers.queryHash("user"),
                key -> "GET /@?user2=@&users=@&user=" + key + "&user=@" + end + "\r\n",
                "GET /@?user&user2=@" + end + "\r\n");
        assertGoesBy(
                engine,
                Schedulers.headerHash("X-User"),
                key -> "GET /@" + end + "x-user: " + key + "\r\nX-USER: @\r\n\r\n",
                "GET /@" + end + "\r\n");
        assertGoesBy(
                engine,
                Schedulers.cookieHash("sid"),
                key -> "GET /@" + end + "Cookie: a=@; sid=" + key + "\r\n\r\n",
                "GET /@" + end + "Cookie: SID=@\r\n\r\n");
    }

    /** A scheduler that does not look at latency would give it a third. The memory is short, so that a pause of this machine's is soon forgotten. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void withPeakEwmaASlowServerGetsClearlyFewerRequests(NettyEngine engine) throws Exception {
        Executor later = CompletableFuture.delayedExecutor(SLOW_MILLIS, TimeUnit.MILLISECONDS);
        try (WebServer quick = WebServer.saying("quick");
                WebServer alsoQuick = WebServer.saying("also quick");
                WebServer slow =
                        WebServer.of(request -> CompletableFuture.supplyAsync(() -> WebServer.ok("slow"), later)
                                .join());
                LoadBalancer lb =
                        Balancers.http(engine, quick.id(), alsoQuick.id()).start()) {
            assertThat(said(lb)).as("to warm up").contains("quick", "also quick");
            lb.update(u -> u.serverGroup(
                    "web",
                    g -> g.scheduler(Schedulers.peakEwma().decay(Duration.ofMillis(100)))
                            .server(slow.id())));
            assertThat(Collections.frequency(said(lb), "slow")).isBetween(1, REQUESTS / 6);
        }
    }
}
