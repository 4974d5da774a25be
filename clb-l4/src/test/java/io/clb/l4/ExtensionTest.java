package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.schedule.Schedulers;
import io.clb.spi.AccessPolicy;
import io.clb.spi.Flow;
import io.clb.spi.FlowRecord;
import io.clb.spi.GroupView;
import io.clb.spi.Outcome;
import io.clb.spi.Reason;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.Server;
import io.clb.spi.ServerState;
import io.clb.spi.SessionSticker;
import io.clb.spi.TrafficObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Strategies and observers of the application's: what they are told, and what happens when they throw. */
@ExtendWith(LeakCheck.class)
final class ExtensionTest {

    private static RuntimeException onPurpose() {
        return new IllegalStateException("on purpose");
    }

    /** Runs a listener with something that throws for the first connection, and shows that the next is served. */
    private static void assertFailsOnce(NettyEngine engine, Consumer<ListenerConfig.Builder> listener)
            throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .observer(seen)
                        .listener("front", listener)
                        .start()) {
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.EXTENSION_FAILED);
            assertThat(flow.server()).isNull();
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.EXTENSION_FAILED, 1L);
            assertThat(Balancers.front(lb).active()).isZero();
            assertThat(Balancers.server(lb, server.id()).active()).isZero();
            lb.update(
                    c -> c.listener("front", l -> l.scheduler(null).sticky(null).access(null)));
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("alive")).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aSchedulerThatThrowsEndsTheFlow(NettyEngine engine) throws Exception {
        assertFailsOnce(
                engine,
                l -> l.scheduler((eligible, previous) -> (flow, now) -> {
                    throw onPurpose();
                }));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aStickerThatThrowsEndsTheFlow(NettyEngine engine) throws Exception {
        assertFailsOnce(
                engine,
                l -> l.sticky((eligible, previous) -> new SessionSticker() {
                    @Override
                    public @Nullable Server recall(Flow flow, long nowNanos) {
                        throw onPurpose();
                    }

                    @Override
                    public void remember(Flow flow, Server server, long nowNanos) {
                        throw new AssertionError("nothing to remember");
                    }
                }));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anAccessPolicyThatThrowsEndsTheFlow(NettyEngine engine) throws Exception {
        assertFailsOnce(
                engine,
                l -> l.access(flow -> {
                    throw new StackOverflowError("on purpose");
                }));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whatThrowsAfterThePickHarmsNoFlow(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        SchedulerFactory thrower = (eligible, previous) -> new Scheduler() {
            @Override
            public @Nullable Server pick(Flow flow, long nowNanos) {
                return eligible.server(0);
            }

            @Override
            public void released(Server server, Outcome outcome, long durationNanos, long nowNanos) {
                throw onPurpose();
            }
        };
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .serverGroup("servers", g -> g.scheduler(thrower))
                        .listener(
                                "front",
                                l -> l.sticky((eligible, previous) -> new SessionSticker() {
                                    @Override
                                    public @Nullable Server recall(Flow flow, long nowNanos) {
                                        return null;
                                    }

                                    @Override
                                    public void remember(Flow flow, Server picked, long nowNanos) {
                                        throw onPurpose();
                                    }

                                    @Override
                                    public void ended(Flow flow, Server picked, long nowNanos) {
                                        throw onPurpose();
                                    }
                                }))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("hello")).isTrue();
            client.finish();
            assertThat(client.end()).isEqualTo(End.FIN);
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            assertThat(Balancers.server(lb, server.id()).active()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anObserverThatThrowsIsCountedAndTheNextOneIsTold(NettyEngine engine) throws Exception {
        TrafficObserver thrower = new TrafficObserver() {
            @Override
            public void flowEnded(FlowRecord record) {
                throw onPurpose();
            }

            @Override
            public void serverStateChanged(String group, Server server, ServerState from, ServerState to, String why) {
                throw onPurpose();
            }
        };
        Seen seen = new Seen();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .observer(thrower)
                        .observer(seen)
                        .start()) {
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("hello")).isTrue();
                client.finish();
                assertThat(client.end()).isEqualTo(End.FIN);
            }
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            assertThat(seen.states()).hasSize(1);
            assertThat(lb.snapshot().observerFailures()).isEqualTo(2);
            lb.update(c -> c.removeObserver(thrower));
            assertThat(Client.to(lb, "front").finish().end()).isEqualTo(End.FIN);
            seen.next();
            assertThat(lb.snapshot().observerFailures()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aRefusedClientIsResetAndNoServerHearsOfIt(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        AccessPolicy onlySecond = flow -> flow.sourceLow() == 0xffff_7f00_0002L && flow.sourceHigh() == 0;
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.access(onlySecond))
                        .observer(seen)
                        .start()) {
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            Seen.Flow refused = seen.next();
            assertThat(refused.reason()).isEqualTo(Reason.ACCESS_DENIED);
            assertThat(refused.tries()).isEmpty();
            assertThat(server.accepted()).isZero();
            assertThat(Balancers.front(lb).accepted()).isEqualTo(1);
            assertThat(Balancers.front(lb).active()).isZero();
            try (Client client = Client.from("127.0.0.2", lb, "front")) {
                assertThat(client.echoes("let in")).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneConnectionMoreThanAllowedIsResetUntilAnotherEnds(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.maxConnections(2))
                        .observer(seen)
                        .start();
                Client one = Client.to(lb, "front");
                Client two = Client.to(lb, "front")) {
            assertThat(one.echoes("one")).isTrue();
            assertThat(two.echoes("two")).isTrue();
            for (int i = 0; i < 3; i++) {
                assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
                assertThat(seen.next().reason()).isEqualTo(Reason.MAX_CONNECTIONS);
            }
            assertThat(Balancers.front(lb).active()).isEqualTo(2);
            one.finish();
            assertThat(one.end()).isEqualTo(End.FIN);
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            try (Client three = Client.to(lb, "front")) {
                assertThat(three.echoes("three")).isTrue();
            }
        }
    }

    /** Notes what a scheduler is told. */
    private static final class Noting implements SchedulerFactory {

        private final Queue<String> notes = new ConcurrentLinkedQueue<>();

        @Override
        public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
            Scheduler inner = Schedulers.roundRobin().create(eligible, null);
            return new Scheduler() {
                @Override
                public @Nullable Server pick(Flow flow, long nowNanos) {
                    Server server = inner.pick(flow, nowNanos);
                    notes.add("pick " + (server == null ? "none" : server.active()));
                    return server;
                }

                @Override
                public void released(Server server, Outcome outcome, long durationNanos, long nowNanos) {
                    notes.add("released " + outcome + " " + server.active());
                }
            };
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aSchedulerHearsOnceOfEveryPick(NettyEngine engine) throws Exception {
        Noting noting = new Noting();
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server.id()))
                        .serverGroup("servers", g -> g.scheduler(noting))
                        .observer(seen)
                        .start()) {
            List<String> expected = new ArrayList<>(List.of("pick 0", "released SUCCESS 0"));
            try (Client client = Client.to(lb, "front").finish();
                    Client accepted = server.accept().finish()) {
                assertThat(client.end()).isEqualTo(accepted.end());
                seen.next();
            }
            expected.addAll(List.of("pick 0", "released RESET 0"));
            try (Client client = Client.to(lb, "front").send("x");
                    Client accepted = server.accept()) {
                assertThat(accepted.read(1)).isEqualTo("x");
                accepted.reset();
                assertThat(client.end()).isEqualTo(End.RESET);
                seen.next();
            }
            server.stop();
            expected.addAll(List.of("pick 0", "released CONNECT_FAILED 0", "pick none"));
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            seen.next();
            await().untilAsserted(() -> assertThat(noting.notes).containsExactlyElementsOf(expected));
        }
    }
}
