package io.clb.l7;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import io.clb.l4.HungServer;
import io.clb.l4.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.awaitility.core.ConditionFactory;

/** A balancer on a clock that tests move, before a server for each {@link ServerFault}, reached by the path of its name, and a good one for all other paths. */
final class FaultStage {

    private static final Duration POLL = Duration.ofMillis(1);
    private static final int STILL_LOOKS = 100;

    /** More than any script has. */
    private static final int ALL_STEPS = 1_000;

    private final String transport;
    private final FakeClock clock = new FakeClock();
    private final EndedRequests ended = new EndedRequests();
    private final Semaphore steps = new Semaphore(0);
    private final Map<ServerFault, String> ids = new EnumMap<>(ServerFault.class);
    private final Map<ServerFault, ScriptedServer> scripted = new EnumMap<>(ServerFault.class);
    private final List<AutoCloseable> servers = new ArrayList<>();
    private final LoadBalancer balancer;

    FaultStage(String transport) {
        this.transport = transport;
        WebServer good = WebServer.saying("good");
        servers.add(good);
        Config.Builder config = Balancers.http(good.id()).observer(ended);
        for (ServerFault fault : ServerFault.values()) {
            String id = id(fault);
            ids.put(fault, id);
            config.serverGroup(
                            fault.name(), g -> g.healthCheck(HealthCheck.none()).server(id))
                    .listener(
                            "front",
                            l -> l.rule(
                                    fault.name(),
                                    r -> r.path("/" + fault.name()).forwardTo(fault.name())));
        }
        balancer = clock.start(transport, config.build());
    }

    private String id(ServerFault fault) {
        if (fault == ServerFault.REFUSES) {
            return "127.0.0.1:" + Ports.free();
        }
        if (fault == ServerFault.TAKES_NO_CONNECT) {
            try {
                HungServer hung = new HungServer();
                servers.add(hung);
                return hung.id();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        ScriptedServer server = ScriptedServer.of(connection -> fault.script().serve(connection, steps));
        servers.add(server);
        scripted.put(fault, server);
        return server.id();
    }

    /** Polls often: most of what is waited for has happened already. */
    static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO).pollInterval(POLL);
    }

    HttpClient client() throws IOException {
        return HttpClient.to(balancer, "front");
    }

    EndedRequests ended() {
        return ended;
    }

    /** The id that the balancer knows a server by. */
    String server(ServerFault fault) {
        return requireNonNull(ids.get(fault));
    }

    Snapshot.Server state(ServerFault fault) {
        return balancer.snapshot().serverGroup(fault.name()).server(server(fault));
    }

    void advance(Duration by) {
        clock.advance(by);
    }

    /** Lets a server take a step of its script. */
    void step() {
        steps.release();
    }

    /** Waits until the request is with the server, and nothing more of it comes. */
    void awaitStill(ServerFault fault, RequestKind kind) {
        soon().until(() -> state(fault).active() == 1);
        ScriptedServer server = scripted.get(fault);
        if (server != null) {
            soon().until(() -> !server.heads().isEmpty());
        }
        if (kind != RequestKind.UPLOAD) {
            return;
        }
        long[] before = {-1, 0};
        soon().until(() -> {
            long now = front().bytesFromClients() + front().bytesFromServers();
            before[1] = before[0] == now ? before[1] + 1 : 0;
            before[0] = now;
            return before[1] > STILL_LOOKS;
        });
    }

    Snapshot.Listener front() {
        return balancer.snapshot().listener("front");
    }

    /** Shows that nothing is left of a request to a server, when its client has gone. */
    void assertNothingLeft(ServerFault fault) {
        steps.release(ALL_STEPS);
        soon().untilAsserted(() -> {
            assertThat(front().active()).as("clients").isZero();
            assertThat(state(fault).active()).as("requests on the server").isZero();
            assertThat(balancer.snapshot().bufferedBytes()).as("bytes held").isZero();
        });
        ScriptedServer server = scripted.get(fault);
        if (server != null) {
            soon().untilAsserted(() ->
                    assertThat(server.open()).as("connections to the server").isZero());
            server.heads().clear();
            server.ends().clear();
        }
        steps.drainPermits();
        ended.forget();
    }

    /** Not {@code close}: whoever runs the cases would close it after the first. */
    void stop() throws Exception {
        balancer.close();
        for (AutoCloseable server : servers) {
            server.close();
        }
    }

    @Override
    public String toString() {
        return transport;
    }
}
