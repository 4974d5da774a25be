package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.spi.Reason;
import io.clb.spi.ServerState;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that go and come back, again and again. */
@ExtendWith(LeakCheck.class)
final class FlapTest {

    private static final int TIMES = 4;
    private static final int TIMEOUT_SECONDS = 30;

    /** How connections may end while their servers go. */
    private static final Set<Reason> EXPECTED = Set.of(
            Reason.COMPLETED,
            Reason.CONNECT_REFUSED,
            Reason.CONNECT_FAILED,
            Reason.SERVER_RESET,
            Reason.ALL_SERVERS_DOWN,
            Reason.CLIENT_RESET);

    /** Believes each probe. */
    private static final HealthCheck AT_ONCE = HealthCheck.tcp()
            .interval(Duration.ofMillis(100))
            .timeout(Duration.ofMillis(500))
            .healthyThreshold(1)
            .unhealthyThreshold(1);

    /** Connects again and again; a connection that hangs is an error. */
    private static final class Visitor {

        private final AtomicBoolean leaving = new AtomicBoolean();
        private final AtomicInteger served = new AtomicInteger();
        private final CompletableFuture<Void> left;

        Visitor(LoadBalancer lb) {
            left = Beside.run(() -> {
                while (!leaving.get()) {
                    visit(lb);
                }
            });
        }

        private void visit(LoadBalancer lb) throws IOException {
            try (Client client = Client.to(lb, "front")) {
                if (client.echoes("hello")) {
                    served.incrementAndGet();
                }
            } catch (SocketException reset) {
                // As it is to be where no server serves.
            }
        }

        int served() {
            return served.get();
        }

        void leave() throws Exception {
            leaving.set(true);
            left.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static void awaitState(LoadBalancer lb, String server, ServerState state) {
        await().until(() -> Balancers.server(lb, server).state() == state);
    }

    private static void awaitServed(LoadBalancer lb) {
        await().ignoreExceptionsInstanceOf(SocketException.class).until(() -> {
            try (Client client = Client.to(lb, "front")) {
                return client.echoes("hello");
            }
        });
    }

    /** Why the last connection ended that has. */
    private static Reason last(Seen seen) {
        List<Seen.Flow> flows = seen.flows();
        return flows.get(flows.size() - 1).reason();
    }

    private static void assertAllEndedWell(LoadBalancer lb, String... servers) {
        await().until(() -> Balancers.front(lb).active() == 0);
        assertThat(EXPECTED).containsAll(Balancers.front(lb).ended().keySet());
        for (String server : servers) {
            assertThat(Balancers.server(lb, server).active()).isZero();
        }
    }

    /** Goes as soon as its checks have found it back, and comes back when they have found it gone. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneServerAmongOthers(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (TestServer steady = TestServer.echo();
                TestServer first = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(AT_ONCE, steady.id(), first.id()))
                        .observer(seen)
                        .start()) {
            awaitState(lb, steady.id(), ServerState.UP);
            awaitState(lb, first.id(), ServerState.UP);
            // Observers hear of a state when it shows.
            await().until(() -> seen.states().size() >= 2);
            int changes = seen.states().size();
            Visitor visitor = new Visitor(lb);
            TestServer flapping = first;
            for (int i = 0; i < TIMES; i++) {
                flapping.stop();
                awaitState(lb, first.id(), ServerState.DOWN);
                flapping = TestServer.on(first.port(), TestServer::echo);
                awaitState(lb, first.id(), ServerState.UP);
            }
            int before = visitor.served();
            await().until(() -> visitor.served() > before);
            visitor.leave();
            flapping.close();
            awaitState(lb, first.id(), ServerState.DOWN);
            int all = changes + 2 * TIMES + 1;
            await().untilAsserted(() ->
                    assertThat(seen.states()).as("one for each time").hasSize(all));
            assertAllEndedWell(lb, steady.id(), first.id());
        }
    }

    /** Far faster than its checks, which see what they see. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void fasterThanAnybodyCanTell(NettyEngine engine) throws Exception {
        try (TestServer steady = TestServer.echo();
                TestServer first = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(AT_ONCE, steady.id(), first.id()))
                        .start()) {
            awaitState(lb, first.id(), ServerState.UP);
            Visitor visitor = new Visitor(lb);
            TestServer flapping = first;
            for (int i = 0; i < 10 * TIMES; i++) {
                flapping.stop();
                int before = visitor.served();
                await().pollInterval(Duration.ofMillis(1)).until(() -> visitor.served() > before);
                flapping = TestServer.on(first.port(), TestServer::echo);
            }
            visitor.leave();
            awaitState(lb, first.id(), ServerState.UP);
            flapping.close();
            assertAllEndedWell(lb, steady.id(), first.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void allServersAtOnce(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        TestServer one = TestServer.echo();
        TestServer other = TestServer.echo();
        try (LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(AT_ONCE, one.id(), other.id()))
                .observer(seen)
                .start()) {
            for (int i = 0; i < TIMES / 2; i++) {
                awaitServed(lb);
                one.stop();
                other.stop();
                await().until(() -> {
                    assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
                    return last(seen) == Reason.ALL_SERVERS_DOWN;
                });
                one = TestServer.on(one.port(), TestServer::echo);
                other = TestServer.on(other.port(), TestServer::echo);
            }
            awaitServed(lb);
            assertAllEndedWell(lb, one.id(), other.id());
        } finally {
            one.close();
            other.close();
        }
    }
}
