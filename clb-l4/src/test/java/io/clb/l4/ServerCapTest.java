package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.ServerConfig;
import io.clb.engine.FakeClock;
import io.clb.schedule.Schedulers;
import io.clb.spi.Reason;
import io.clb.spi.SchedulerFactory;
import io.clb.stick.Stickiness;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that may have so many connections, and clients that wait for room on them. */
@ExtendWith(LeakCheck.class)
final class ServerCapTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    static Config.Builder capped(Consumer<ServerConfig.Builder> cap, TestServer... servers) {
        return Balancers.tcp(g -> {
            Balancers.unchecked(servers).accept(g);
            for (TestServer server : servers) {
                g.server(server.id(), cap);
            }
        });
    }

    static void awaitWaiting(LoadBalancer lb, int clients) {
        await().until(() -> lb.snapshot().serverGroup("servers").waiting() == clients);
    }

    static void awaitEnded(LoadBalancer lb, Reason reason, long count) {
        await().until(() -> Balancers.front(lb).ended().getOrDefault(reason, 0L) == count);
    }

    static Client served(LoadBalancer lb) throws IOException {
        Client client = Client.to(lb, "front");
        assertThat(client.echoes("hello")).isTrue();
        return client;
    }

    /** A client that has sent something, and waits. */
    static Client waiting(LoadBalancer lb) throws IOException {
        int before = lb.snapshot().serverGroup("servers").waiting();
        Client client = Client.to(lb, "front").send("hello");
        awaitWaiting(lb, before + 1);
        return client;
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneTooManyWaitsUntilAnotherLeaves(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        capped(s -> s.maxConnections(2), server).engine(engine).start();
                Client first = served(lb);
                Client second = served(lb);
                Client third = waiting(lb)) {
            assertThat(server.accepted()).isEqualTo(2);
            assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(2);
            first.reset();
            assertThat(third.read(5)).isEqualTo("hello");
            awaitWaiting(lb, 0);
            assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(2);
            assertThat(second.echoes("still")).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void theyComeInInTheOrderOfTheirComing(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        capped(s -> s.maxConnections(1).queueTimeout(Duration.ofSeconds(60)), server)
                                .build())) {
            Client inside = served(lb);
            List<Client> waiting = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                waiting.add(waiting(lb));
                clock.advance(Duration.ofMillis(10));
            }
            for (Client next : waiting) {
                inside.close();
                assertThat(next.read(5)).isEqualTo("hello");
                inside = next;
            }
            inside.close();
            await().until(() -> Balancers.server(lb, server.id()).active() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerNeverHasMoreAndAllAreServed(NettyEngine engine) throws Exception {
        int cap = 5;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (TestServer server = TestServer.of(socket -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    socket.getOutputStream().write(socket.getInputStream().read());
                    inside.decrementAndGet();
                });
                LoadBalancer lb = capped(s -> s.maxConnections(cap), server)
                        .engine(engine)
                        .start()) {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                clients.add(Client.to(lb, "front").send("x").finish());
            }
            for (Client client : clients) {
                assertThat(client.read(1)).isEqualTo("x");
                client.close();
            }
            assertThat(most.get()).isBetween(1, cap);
            await().until(() -> Balancers.server(lb, server.id()).active() == 0);
            awaitEnded(lb, Reason.COMPLETED, 300);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void goesToAServerThatHasRoomFirst(NettyEngine engine) throws Exception {
        try (TestServer small = TestServer.echo();
                TestServer large = TestServer.echo();
                LoadBalancer lb = capped(s -> s.maxConnections(1), small, large)
                        .serverGroup("servers", g -> g.server(large.id(), s -> s.maxConnections(4)))
                        .engine(engine)
                        .start()) {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                clients.add(served(lb));
            }
            assertThat(small.accepted()).isEqualTo(1);
            assertThat(large.accepted()).isEqualTo(4);
            Client any = waiting(lb);
            assertThat(Balancers.server(lb, small.id()).waiting()).isZero();
            assertThat(Balancers.server(lb, large.id()).waiting()).isZero();
            small.resetAll();
            assertThat(any.read(5)).isEqualTo("hello");
            assertThat(small.accepted()).isEqualTo(2);
            any.close();
            for (Client client : clients) {
                client.close();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneMoreThanMayWaitIsReset(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = capped(s -> s.maxConnections(1).queue(2), server)
                        .engine(engine)
                        .start();
                Client inside = served(lb);
                Client second = waiting(lb);
                Client third = Client.to(lb, "front")) {
            awaitWaiting(lb, 2);
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            awaitEnded(lb, Reason.SERVER_QUEUE_FULL, 1);
            third.reset();
            inside.reset();
            assertThat(second.read(5)).isEqualTo("hello");
            second.reset();
            // On NIO, that the third is gone is seen when its turn comes.
            awaitWaiting(lb, 0);
            await().until(() -> Balancers.server(lb, server.id()).active() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void withoutAQueueOrTimeNoneWaits(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = capped(s -> s.maxConnections(1).queue(0), server)
                        .engine(engine)
                        .start();
                Client inside = served(lb)) {
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            lb.update(c -> c.serverGroup(
                    "servers", g -> g.server(server.id(), s -> s.queue(5).queueTimeout(Duration.ZERO))));
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            awaitEnded(lb, Reason.SERVER_QUEUE_FULL, 2);
            assertThat(inside.echoes("still")).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void whoWaitedTooLongIsReset(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        capped(s -> s.maxConnections(1).queueTimeout(PATIENCE), server)
                                .build());
                Client inside = served(lb);
                Client outside = waiting(lb)) {
            clock.advance(PATIENCE.minusMillis(1));
            assertThat(lb.snapshot().serverGroup("servers").waiting()).isEqualTo(1);
            clock.advance(Duration.ofMillis(20));
            assertThat(End.of(outside.socket())).isEqualTo(End.RESET);
            awaitEnded(lb, Reason.SERVER_QUEUE_TIMEOUT, 1);
            awaitWaiting(lb, 0);
            assertThat(inside.echoes("still")).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aHashWaitsForItsServerAndGoesElsewhereIfItCannot(NettyEngine engine) throws Exception {
        waitsForItsServer(engine, Schedulers.sourceHash(), false);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void stickinessWaitsForItsServerAndGoesElsewhereIfItCannot(NettyEngine engine) throws Exception {
        waitsForItsServer(engine, Schedulers.roundRobin(), true);
    }

    private static void waitsForItsServer(NettyEngine engine, SchedulerFactory scheduler, boolean sticky)
            throws Exception {
        try (TestServer a = TestServer.echo();
                TestServer b = TestServer.echo();
                LoadBalancer lb = capped(s -> s.maxConnections(1), a, b)
                        .serverGroup("servers", g -> g.scheduler(scheduler))
                        .listener("front", l -> {
                            if (sticky) {
                                l.sticky(Stickiness.sourceIp(Duration.ofMinutes(5)));
                            }
                        })
                        .engine(engine)
                        .start();
                Client inside = served(lb);
                Client outside = waiting(lb)) {
            TestServer own = a.accepted() == 1 ? a : b;
            TestServer other = own == a ? b : a;
            assertThat(Balancers.server(lb, own.id()).waiting()).isEqualTo(1);
            assertThat(other.accepted()).isZero();
            inside.reset();
            assertThat(outside.read(5)).isEqualTo("hello");
            lb.update(c -> c.serverGroup("servers", g -> g.server(own.id(), s -> s.queue(0))));
            try (Client elsewhere = served(lb)) {
                assertThat(elsewhere.echoes("here")).isTrue();
                assertThat(other.accepted()).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whoWaitsForAServerThatLeavesGoesToAnother(NettyEngine engine) throws Exception {
        try (TestServer a = TestServer.echo();
                TestServer b = TestServer.echo();
                LoadBalancer lb = capped(s -> s.maxConnections(1), a, b)
                        .serverGroup("servers", g -> g.scheduler(Schedulers.sourceHash()))
                        .engine(engine)
                        .start();
                Client inside = served(lb);
                Client outside = waiting(lb)) {
            TestServer own = a.accepted() == 1 ? a : b;
            lb.update(c -> c.serverGroup("servers", g -> g.removeServer(own.id())));
            assertThat(outside.read(5)).isEqualTo("hello");
            assertThat(inside.echoes("still")).isTrue();
            awaitWaiting(lb, 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anUpdateThatMakesRoomLetsThemIn(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                TestServer another = TestServer.echo();
                LoadBalancer lb =
                        capped(s -> s.maxConnections(1), server).engine(engine).start();
                Client first = served(lb);
                Client second = waiting(lb);
                Client third = waiting(lb)) {
            lb.update(c -> c.serverGroup("servers", g -> g.server(server.id(), s -> s.maxConnections(2))));
            await().until(() -> lb.snapshot().serverGroup("servers").waiting() == 1);
            lb.update(c -> c.serverGroup("servers", g -> g.server(another.id())));
            assertThat(second.read(5)).isEqualTo("hello");
            assertThat(third.read(5)).isEqualTo("hello");
            assertThat(first.echoes("still")).isTrue();
            assertThat(server.accepted()).isEqualTo(2);
            assertThat(another.accepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whenNoServerIsLeftThoseThatWaitAreToldAtOnce(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        capped(s -> s.maxConnections(1), server).engine(engine).start();
                Client inside = served(lb);
                Client outside = waiting(lb)) {
            lb.update(c -> c.serverGroup("servers", g -> g.maintenance(server.id(), true)));
            assertThat(End.of(outside.socket())).isEqualTo(End.RESET);
            awaitEnded(lb, Reason.NO_SERVER_AVAILABLE, 1);
            assertThat(inside.echoes("still")).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aLowerCapHoldsForNewOnes(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        capped(s -> s.maxConnections(3), server).engine(engine).start();
                Client first = served(lb);
                Client second = served(lb);
                Client third = served(lb)) {
            lb.update(c -> c.serverGroup("servers", g -> g.server(server.id(), s -> s.maxConnections(1))));
            try (Client fourth = waiting(lb)) {
                first.reset();
                second.reset();
                await().until(() -> Balancers.server(lb, server.id()).active() == 1);
                assertThat(lb.snapshot().serverGroup("servers").waiting()).isEqualTo(1);
                assertThat(third.echoes("still")).isTrue();
                third.reset();
                assertThat(fourth.read(5)).isEqualTo("hello");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerThatCannotBeReachedKeepsNoRoom(NettyEngine engine) throws Exception {
        String nobody = "127.0.0.1:" + Ports.free();
        try (LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(nobody))
                .serverGroup("servers", g -> g.server(nobody, s -> s.maxConnections(1)))
                .start()) {
            for (int i = 0; i < 5; i++) {
                assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            }
            awaitEnded(lb, Reason.CONNECT_REFUSED, 5);
            await().until(() -> Balancers.server(lb, nobody).active() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void onUdpNoneWaits(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = Balancers.udp(server)
                        .serverGroup("servers", g -> g.server(server.id(), s -> s.maxConnections(1)))
                        .engine(engine)
                        .start();
                UdpClient first = UdpClient.to(lb, "front");
                UdpClient second = UdpClient.to(lb, "front")) {
            assertThat(first.ask("one")).isEqualTo("one");
            second.send("two");
            awaitEnded(lb, Reason.SERVER_QUEUE_FULL, 1);
            assertThat(first.ask("more")).isEqualTo("more");
        }
    }
}
