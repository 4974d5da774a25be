package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.HttpCheck;
import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.l7.RestartingServer.Idle;
import io.clb.spi.ServerState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All servers restarted, one after the other, under load. */
final class RollingRestartTest {

    private static final int SERVERS = 4;
    private static final int CLIENTS = 8;
    private static final int MEANWHILE = 200;

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** How a server is restarted. */
    @FunctionalInterface
    private interface Restart {
        /** Returns when it is back and takes requests. */
        void of(RestartingServer server, LoadBalancer lb, SteadyLoad load) throws Exception;
    }

    private static void stopAndStart(RestartingServer server, Idle idle, SteadyLoad load) throws Exception {
        server.stop(idle);
        load.awaitAnswered(MEANWHILE);
        server.restart();
    }

    private static void awaitNothingOn(LoadBalancer lb, RestartingServer server) {
        FaultStage.soon().until(() -> Balancers.server(lb, server.id()).active() == 0);
    }

    /** Restarts all servers, and shows that each came back into use, and that requests failed only where they may. */
    private static void assertServed(
            LoadBalancer lb, Seen seen, List<RestartingServer> servers, Restart restart, Predicate<String> mayFail)
            throws Exception {
        SteadyLoad load = new SteadyLoad(lb, CLIENTS);
        try (load) {
            load.awaitAnswered(MEANWHILE);
            for (RestartingServer server : servers) {
                restart.of(server, lb, load);
                int before = server.requests();
                await().until(() -> server.requests() > before);
            }
        }
        assertThat(load.failures()).as("%s", failed(seen)).allMatch(mayFail);
        List<String> served = servers.stream()
                .flatMap(server -> server.served().stream())
                .filter(path -> path.startsWith("/post"))
                .toList();
        assertThat(served).as("POSTs that a server acted on").doesNotHaveDuplicates();
        Set<String> once = new HashSet<>(served);
        assertThat(load.answered()).filteredOn(path -> path.startsWith("/post")).allMatch(once::contains);
        Balancers.awaitNothingActive(lb);
    }

    /**
     * Has as many connections to each server as there will ever be requests on it at a time. Else one might be made just when a server goes, which its system resets if the
     * server does not come to accept it.
     */
    private static void warm(LoadBalancer lb) throws Exception {
        List<HttpClient> clients = new ArrayList<>();
        for (int i = 0; i < SERVERS * CLIENTS; i++) {
            clients.add(HttpClient.to(lb, "front").send("GET /warm HTTP/1.1\r\nHost: a\r\n\r\n"));
        }
        for (HttpClient client : clients) {
            assertThat(client.response().status()).isEqualTo(200);
            client.leave();
        }
    }

    private static void withServers(NettyEngine engine, boolean checked, Restart restart, Predicate<String> mayFail)
            throws Exception {
        Seen seen = new Seen();
        CountDownLatch warm = new CountDownLatch(SERVERS * CLIENTS);
        List<RestartingServer> servers =
                Stream.generate(() -> new RestartingServer(warm)).limit(SERVERS).toList();
        String[] ids = servers.stream().map(RestartingServer::id).toArray(String[]::new);
        try (LoadBalancer lb = Balancers.http(engine, ids)
                .observer(seen)
                .serverGroup("web", g -> {
                    if (checked) {
                        g.healthCheck(Balancers.quick(HttpCheck.path("/health")));
                    }
                })
                .start()) {
            if (checked) {
                for (RestartingServer server : servers) {
                    Balancers.awaitState(lb, server.id(), ServerState.UP, "");
                }
            } else {
                warm(lb);
            }
            assertServed(lb, seen, servers, restart, mayFail);
        } finally {
            servers.forEach(RestartingServer::close);
        }
    }

    /** Why requests failed. */
    private static List<String> failed(Seen seen) {
        return seen.flows().stream()
                .filter(flow -> flow.status() != 200)
                .map(flow -> flow.request() + ": " + flow.reason() + ", tried " + flow.tries())
                .toList();
    }

    private static boolean never(String failure) {
        return false;
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void drainedByTheOperator(NettyEngine engine) throws Exception {
        withServers(
                engine,
                false,
                (server, lb, load) -> {
                    lb.update(c -> c.serverGroup("web", g -> g.drain(server.id())));
                    awaitNothingOn(lb, server);
                    stopAndStart(server, Idle.CLOSED, load);
                    lb.update(c -> c.serverGroup("web", g -> g.undrain(server.id())));
                },
                RollingRestartTest::never);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void takenOutByItsHealthCheck(NettyEngine engine) throws Exception {
        withServers(
                engine,
                true,
                (server, lb, load) -> {
                    server.fit(false);
                    Balancers.awaitState(lb, server.id(), ServerState.DOWN, "");
                    // From here on no picker has it.
                    lb.update(c -> {});
                    awaitNothingOn(lb, server);
                    stopAndStart(server, Idle.CLOSED, load);
                    server.fit(true);
                    Balancers.awaitState(lb, server.id(), ServerState.UP, "");
                },
                RollingRestartTest::never);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void withoutAWordByAServerThatLeavesIdleConnectionsToItsClients(NettyEngine engine) throws Exception {
        withServers(
                engine,
                false,
                (server, lb, load) -> stopAndStart(server, Idle.LEFT_TO_THE_CLIENT, load),
                RollingRestartTest::never);
    }

    /** A POST may meet the very moment at which its connection is closed, and must not be sent again then. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void withoutAWord(NettyEngine engine) throws Exception {
        withServers(
                engine,
                false,
                (server, lb, load) -> stopAndStart(server, Idle.CLOSED, load),
                failure -> failure.matches("/post/\\S+: 502"));
    }
}
