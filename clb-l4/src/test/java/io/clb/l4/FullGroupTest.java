package io.clb.l4;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.schedule.Schedulers;
import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Reason;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Groups of which all servers have as many connections as they may, or all but one. */
@ExtendWith(LeakCheck.class)
final class FullGroupTest {

    private static final int MANY = 24;

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void theOneServerThatHasRoomIsFoundAmongMany(NettyEngine engine) throws Exception {
        TestServer[] servers = Stream.generate(TestServer::echo).limit(MANY).toArray(TestServer[]::new);
        try (LoadBalancer lb = ServerCapTest.capped(s -> s.maxConnections(1).queue(0), servers)
                .engine(engine)
                .start()) {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                clients.add(ServerCapTest.served(lb));
            }
            // In turn: the server of the last one has the longest way to go.
            clients.get(MANY - 1).reset();
            await().until(() -> Balancers.front(lb).active() == MANY - 1);
            try (Client one = ServerCapTest.served(lb)) {
                assertThat(one.echoes("again")).isTrue();
                assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            }
            for (Client client : clients) {
                client.close();
            }
        } finally {
            Stream.of(servers).forEach(TestServer::close);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void onUdpToo(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        UdpServer[] servers = Stream.generate(UdpServer::echo).limit(MANY).toArray(UdpServer[]::new);
        try (LoadBalancer lb = clock.start(
                transport,
                Balancers.udp(servers)
                        .serverGroup("servers", g -> {
                            for (UdpServer server : servers) {
                                g.server(server.id(), s -> s.maxConnections(1));
                            }
                        })
                        .build())) {
            List<UdpClient> clients = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                UdpClient client = UdpClient.to(lb, "front");
                clients.add(client);
                assertThat(client.ask("one")).isEqualTo("one");
                clock.advance(Duration.ofMillis(500));
            }
            // All but the last one go on, and it is forgotten.
            for (int seconds = 0; Balancers.front(lb).active() == MANY; seconds++) {
                clock.advance(Duration.ofSeconds(1));
                for (UdpClient client : clients.subList(0, MANY - 1)) {
                    assertThat(client.ask("more")).isEqualTo("more");
                }
                assertThat(seconds).isLessThan(60);
            }
            try (UdpClient one = UdpClient.to(lb, "front")) {
                assertThat(one.ask("here")).isEqualTo("here");
            }
            assertThat(Balancers.front(lb).ended()).doesNotContainKey(Reason.SERVER_QUEUE_FULL);
            clients.forEach(UdpClient::close);
        } finally {
            Stream.of(servers).forEach(UdpServer::close);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void whoHasToLookAnewWaitsNoLonger(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer a = TestServer.echo();
                TestServer b = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        ServerCapTest.capped(s -> s.maxConnections(1).queueTimeout(Duration.ofSeconds(10)), a, b)
                                .serverGroup("servers", g -> g.scheduler(Schedulers.sourceHash()))
                                .build());
                Client first = ServerCapTest.served(lb)) {
            TestServer own = a.accepted() == 1 ? a : b;
            TestServer other = own == a ? b : a;
            lb.update(c -> c.serverGroup("servers", g -> g.server(own.id(), s -> s.queue(0))));
            try (Client second = ServerCapTest.served(lb)) {
                lb.update(c -> c.serverGroup("servers", g -> g.server(own.id(), s -> s.queue(10))));
                Client outside = ServerCapTest.waiting(lb);
                assertThat(Balancers.server(lb, own.id()).waiting()).isEqualTo(1);
                clock.advance(Duration.ofSeconds(6));
                lb.update(c -> c.serverGroup("servers", g -> g.removeServer(own.id())));
                await().until(() -> Balancers.server(lb, other.id()).waiting() == 1);
                clock.advance(Duration.ofMillis(3_900));
                assertThat(lb.snapshot().serverGroup("servers").waiting()).isEqualTo(1);
                clock.advance(Duration.ofMillis(200));
                assertThat(End.of(outside.socket())).isEqualTo(End.RESET);
                ServerCapTest.awaitEnded(lb, Reason.SERVER_QUEUE_TIMEOUT, 1);
                assertThat(first.echoes("still")).isTrue();
                assertThat(second.echoes("still")).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void manyThatWaitForAServerThatLeavesGoToAnother(NettyEngine engine) throws Exception {
        int many = 600;
        try (TestServer a = TestServer.echo();
                TestServer b = TestServer.echo();
                LoadBalancer lb = ServerCapTest.capped(s -> s.maxConnections(1).queue(many), a, b)
                        .serverGroup("servers", g -> g.scheduler(Schedulers.sourceHash()))
                        .engine(engine)
                        .start();
                Client inside = ServerCapTest.served(lb)) {
            TestServer own = a.accepted() == 1 ? a : b;
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                clients.add(Client.to(lb, "front").send("hello"));
            }
            ServerCapTest.awaitWaiting(lb, many);
            lb.update(c -> c.serverGroup("servers", g -> {
                g.removeServer(own.id());
                g.server((own == a ? b : a).id(), s -> s.maxConnections(0));
            }));
            for (Client client : clients) {
                assertThat(client.read(5)).isEqualTo("hello");
                client.close();
            }
            assertThat(inside.echoes("still")).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whoHasTriedAServerWaitsForAnyOther(NettyEngine engine) throws Exception {
        String nobody = "127.0.0.1:" + Ports.free();
        TestServer[] hurried = Stream.generate(TestServer::echo).limit(3).toArray(TestServer[]::new);
        try (TestServer patient = TestServer.echo();
                LoadBalancer lb = ServerCapTest.capped(s -> s.maxConnections(1).queue(0), hurried)
                        .serverGroup("servers", g -> {
                            g.server(nobody);
                            g.server(patient.id(), s -> s.maxConnections(1).queue(100));
                        })
                        .engine(engine)
                        .start()) {
            List<Client> inside = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                inside.add(ServerCapTest.served(lb));
            }
            // Each tries the one that is not there, at the first or after one that is full.
            for (int i = 0; i < 8; i++) {
                inside.add(ServerCapTest.waiting(lb));
            }
            assertThat(Balancers.server(lb, patient.id()).waiting()).isEqualTo(8);
            for (Client client : inside) {
                client.close();
            }
        } finally {
            Stream.of(hurried).forEach(TestServer::close);
        }
    }

    /** Sends everybody to the first server, and has the group changed while it does, the next time that it is asked. */
    private static final class Late implements SchedulerFactory {

        private final AtomicReference<@Nullable Runnable> change = new AtomicReference<>();

        @Override
        public String name() {
            return "late";
        }

        @Override
        public Scheduler create(GroupView group, @Nullable Scheduler previous) {
            Server first = group.size() == 0 ? null : group.server(0);
            return new Scheduler() {

                @Override
                public @Nullable Server pick(Flow flow, long nowNanos) {
                    Runnable now = change.getAndSet(null);
                    if (now != null) {
                        now.run();
                    }
                    return first == null || flow.tried(first) ? null : first;
                }

                @Override
                public boolean keepsAffinity() {
                    return true;
                }
            };
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whoPickedAServerJustBeforeItLeftGoesToAnother(NettyEngine engine) throws Exception {
        goesToTheOneThatComes(engine, 0);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void evenIfOneCouldStillWaitForIt(NettyEngine engine) throws Exception {
        goesToTheOneThatComes(engine, 5);
    }

    private static void goesToTheOneThatComes(NettyEngine engine, int cap) throws Exception {
        Late scheduler = new Late();
        try (TestServer leaves = TestServer.echo();
                TestServer comes = TestServer.echo();
                LoadBalancer lb = ServerCapTest.capped(s -> s.maxConnections(1), leaves)
                        .serverGroup("servers", g -> g.scheduler(scheduler))
                        .engine(engine)
                        .start();
                Client inside = ServerCapTest.served(lb)) {
            scheduler.change.set(() -> requireNonNull(Beside.run(() -> lb.update(c -> c.serverGroup("servers", g -> {
                        g.removeServer(leaves.id());
                        g.server(comes.id(), s -> s.maxConnections(cap));
                    }))))
                    .join());
            try (Client late = ServerCapTest.served(lb)) {
                assertThat(comes.accepted()).isEqualTo(1);
                assertThat(late.echoes("here")).isTrue();
                assertThat(inside.echoes("still")).isTrue();
            }
        }
    }
}
