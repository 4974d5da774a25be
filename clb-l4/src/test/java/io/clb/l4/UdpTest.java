package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Cluster;
import io.clb.Config;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.schedule.Schedulers;
import io.clb.spi.Reason;
import io.clb.stick.Stickiness;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Datagrams through a UDP listener. */
@ExtendWith(LeakCheck.class)
final class UdpTest {

    private static final Duration TICK = Duration.ofMillis(5);
    private static final Duration SESSION = Duration.ofSeconds(20);

    private static byte[] random(int bytes, int seed) {
        byte[] payload = new byte[bytes];
        new Random(seed).nextBytes(payload);
        return payload;
    }

    private static void awaitEnded(LoadBalancer lb, Reason reason, long count) {
        await().untilAsserted(() -> assertThat(Balancers.front(lb).ended()).containsEntry(reason, count));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void goBothWaysAsTheyAreWhateverTheirSize(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = Balancers.udp(server).engine(engine).start();
                UdpClient client = UdpClient.to(lb, "front")) {
            List<Integer> sizes = List.of(1, 1_472, 65_507, 512, 65_507, 9_000);
            Set<InetSocketAddress> sources = new HashSet<>();
            for (int i = 0; i < sizes.size(); i++) {
                byte[] payload = random(sizes.get(i), i);
                assertThat(client.send(payload).receive()).isEqualTo(payload);
                UdpServer.Received received = server.next();
                assertThat(received.payload()).isEqualTo(payload);
                sources.add(received.from());
            }
            assertThat(sources).as("one socket for the client").hasSize(1);
            long bytes = sizes.stream().mapToInt(Integer::intValue).sum();
            assertThat(Balancers.front(lb).bytesFromClients()).isEqualTo(bytes);
            assertThat(Balancers.front(lb).bytesFromServers()).isEqualTo(bytes);
            assertThat(Balancers.front(lb).accepted()).isEqualTo(1);
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
            assertThat(Balancers.server(lb, server.id()).connections()).isEqualTo(1);
            assertThat(Balancers.server(lb, server.id()).bytesToServer()).isEqualTo(bytes);
            assertThat(Balancers.server(lb, server.id()).bytesFromServer()).isEqualTo(bytes);
            assertThat(Balancers.front(lb).dropped()).isEmpty();
        }
    }

    /** The JDK sends no empty datagram on a connected socket. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void emptyOnesReachClientsAndWhereTheSystemAllowsItServers(NettyEngine engine) throws Exception {
        byte[] empty = {};
        try (UdpServer server = UdpServer.silent();
                LoadBalancer lb = Balancers.udp(server).engine(engine).start();
                UdpClient client = UdpClient.to(lb, "front")) {
            client.send("x");
            InetSocketAddress from = server.next().from();
            for (int i = 0; i < 3; i++) {
                server.send(from, empty);
                assertThat(client.receive()).isEmpty();
            }
            client.send(empty).send("after it");
            if (lb.snapshot().transport().equals("nio")) {
                assertThat(server.next().text()).isEqualTo("after it");
                assertThat(Balancers.front(lb).dropped()).isEqualTo(Map.of(Reason.DATAGRAM_DROPPED, 1L));
            } else {
                assertThat(server.next().payload()).isEmpty();
                assertThat(Balancers.front(lb).dropped()).isEmpty();
            }
        }
    }

    /** Several are read into one buffer, which the next ones come into. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void manyAtOnceOfManyClientsAreNotMixedUp(NettyEngine engine) throws Exception {
        int clients = 10;
        int each = 10;
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = Balancers.udp(server).engine(engine).start()) {
            List<UdpClient> all = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                all.add(UdpClient.to(lb, "front"));
            }
            List<byte[]> sent = new ArrayList<>();
            for (int round = 0; round < 10; round++) {
                for (int i = 0; i < each * clients; i++) {
                    byte[] payload = random(1 + i % 97 * 5, round << 16 | i);
                    sent.add(payload);
                    all.get(i % clients).send(payload);
                }
                for (int i = 0; i < each * clients; i++) {
                    assertThat(all.get(i % clients).receive()).isEqualTo(sent.get(round * each * clients + i));
                }
            }
            all.forEach(UdpClient::close);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerMayAnswerManyOrNone(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.silent();
                LoadBalancer lb = Balancers.udp(server).engine(engine).start();
                UdpClient client = UdpClient.to(lb, "front")) {
            for (int i = 0; i < 5; i++) {
                client.send("question " + i);
            }
            InetSocketAddress from = server.next().from();
            for (int i = 0; i < 50; i++) {
                server.send(from, new byte[] {(byte) i});
            }
            for (int i = 0; i < 50; i++) {
                assertThat(client.receive()).containsExactly(i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void comeFromEveryAddressOfTheHostUnlessSomeAreBound(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = Balancers.udp(server)
                        .listener("front", l -> l.bind().access(flow -> flow.sourceHigh() == 0))
                        .engine(engine)
                        .start();
                UdpClient four = UdpClient.to("127.0.0.1", lb, "front");
                UdpClient six = UdpClient.to("::1", lb, "front")) {
            assertThat(four.ask("IPv4")).isEqualTo("IPv4");
            assertThat(six.ask("IPv6")).isEqualTo("IPv6");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void eachClientKeepsTheServerThatItWasGiven(NettyEngine engine) throws Exception {
        try (UdpServer a = UdpServer.named();
                UdpServer b = UdpServer.named();
                LoadBalancer lb = Balancers.udp(a, b)
                        .serverGroup("servers", g -> g.scheduler(Schedulers.roundRobin()))
                        .engine(engine)
                        .start();
                UdpClient one = UdpClient.to(lb, "front");
                UdpClient two = UdpClient.to(lb, "front")) {
            String first = one.ask("x");
            String second = two.ask("x");
            assertThat(List.of(first, second)).containsExactlyInAnyOrder(a.id(), b.id());
            for (int i = 0; i < 10; i++) {
                assertThat(one.ask("x")).isEqualTo(first);
                assertThat(two.ask("x")).isEqualTo(second);
            }
            assertThat(Balancers.front(lb).active()).isEqualTo(2);
            assertThat(Balancers.server(lb, first).active()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anAddressSticksToItsServerWhateverThePort(NettyEngine engine) throws Exception {
        try (UdpServer a = UdpServer.named();
                UdpServer b = UdpServer.named();
                LoadBalancer lb = Balancers.udp(a, b)
                        .listener("front", l -> l.sticky(Stickiness.sourceIp(Duration.ofHours(1))))
                        .engine(engine)
                        .start();
                UdpClient other = UdpClient.from("127.0.0.2", lb, "front")) {
            Set<String> servers = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                try (UdpClient client = UdpClient.to(lb, "front")) {
                    servers.add(client.ask("x"));
                }
            }
            assertThat(servers).hasSize(1).doesNotContain(other.ask("x"));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void theHashOfTheFourTupleServesThemToo(NettyEngine engine) throws Exception {
        try (UdpServer a = UdpServer.named();
                UdpServer b = UdpServer.named();
                LoadBalancer lb = Balancers.udp(a, b)
                        .serverGroup("servers", g -> g.scheduler(Schedulers.fourTupleHash()))
                        .engine(engine)
                        .start()) {
            Set<String> servers = new HashSet<>();
            for (int i = 0; i < 40; i++) {
                try (UdpClient client = UdpClient.to(lb, "front")) {
                    servers.add(client.ask("x"));
                }
            }
            assertThat(servers).containsExactlyInAnyOrder(a.id(), b.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void anAssociationIsForgottenWhenNothingCameForTheSessionTimeout(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = clock.start(
                        transport, Balancers.udp(server).observer(seen).build());
                UdpClient client = UdpClient.to(lb, "front")) {
            assertThat(client.ask("first")).isEqualTo("first");
            InetSocketAddress from = server.next().from();
            clock.advance(SESSION.minus(TICK));
            assertThat(client.ask("again")).isEqualTo("again");
            assertThat(server.next().from()).isEqualTo(from);
            clock.advance(SESSION.minus(TICK));
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
            server.send(from, "unasked".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertThat(client.text()).isEqualTo("unasked");
            clock.advance(SESSION.minus(TICK));
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
            clock.advance(TICK.multipliedBy(2));
            assertThat(Balancers.front(lb).active()).isZero();
            assertThat(Balancers.server(lb, server.id()).active()).isZero();
            assertThat(seen.next())
                    .returns(Reason.COMPLETED, Seen.Flow::reason)
                    .returns("front", Seen.Flow::listener)
                    .returns("servers", Seen.Flow::group)
                    .returns(server.id(), Seen.Flow::server)
                    .returns(server.id() + " completed", Seen.Flow::tries)
                    .returns(10L, Seen.Flow::bytesFromClient)
                    .returns(17L, Seen.Flow::bytesFromServer);
            assertThat(client.ask("anew")).isEqualTo("anew");
            assertThat(Balancers.front(lb).accepted()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aServerThatIsSilentIsNoError(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (UdpServer server = UdpServer.silent();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.udp(server)
                                .listener("front", l -> l.idleTimeout(Duration.ofSeconds(10)))
                                .observer(seen)
                                .build());
                UdpClient client = UdpClient.to(lb, "front")) {
            client.send("log line");
            assertThat(server.next().text()).isEqualTo("log line");
            clock.advance(Duration.ofSeconds(10).plus(TICK));
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            assertThat(Balancers.server(lb, server.id()).connectFailures()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void whatWouldBeginOneTooManyIsDroppedAndCounted(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.udp(server)
                                .listener("front", l -> l.maxConnections(2))
                                .observer(seen)
                                .build());
                UdpClient one = UdpClient.to(lb, "front");
                UdpClient two = UdpClient.to(lb, "front");
                UdpClient three = UdpClient.to(lb, "front")) {
            assertThat(one.ask("1")).isEqualTo("1");
            assertThat(two.ask("2")).isEqualTo("2");
            three.send("dropped");
            awaitEnded(lb, Reason.MAX_CONNECTIONS, 1);
            assertThat(seen.next())
                    .returns(Reason.MAX_CONNECTIONS, Seen.Flow::reason)
                    .returns("", Seen.Flow::tries);
            assertThat(one.ask("still there")).isEqualTo("still there");
            clock.advance(SESSION.plus(TICK));
            assertThat(three.ask("3")).isEqualTo("3");
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
        }
    }

    /** 1,200/(4-1): 400 a second, 40 of them at once. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aLimitOfNewConnectionsCountsAssociations(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        // Open all the while, so that each has a port of its own.
        List<UdpClient> others = new ArrayList<>();
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.udp(server)
                                .listener("front", l -> l.limit(Limit.cps(1_200)))
                                .build());
                UdpClient one = UdpClient.to(lb, "front");
                UdpClient late = UdpClient.to(lb, "front")) {
            for (int i = 0; i < 100; i++) {
                assertThat(one.ask("one association")).isEqualTo("one association");
            }
            for (int i = 0; i < 39; i++) {
                UdpClient client = UdpClient.to(lb, "front");
                others.add(client);
                assertThat(client.ask("x")).isEqualTo("x");
            }
            late.send("dropped");
            awaitEnded(lb, Reason.LIMIT_CPS, 1);
            clock.advance(Duration.ofNanos(2_500_000));
            assertThat(late.ask("let in")).isEqualTo("let in");
            assertThat(Balancers.front(lb).active()).isEqualTo(41);
        } finally {
            others.forEach(UdpClient::close);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anAccessPolicyJudgesTheFirstDatagram(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = Balancers.udp(server)
                        .listener("front", l -> l.access(flow -> flow.sourceLow() == 0xffff_7f00_0001L))
                        .engine(engine)
                        .start();
                UdpClient welcome = UdpClient.to(lb, "front");
                UdpClient unwelcome = UdpClient.from("127.0.0.2", lb, "front")) {
            unwelcome.send("x").send("y");
            awaitEnded(lb, Reason.ACCESS_DENIED, 2);
            assertThat(welcome.ask("x")).isEqualTo("x");
            assertThat(server.next().text()).isEqualTo("x");
            assertThat(server.waiting()).isZero();
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whatFindsNoServerIsDroppedAndCounted(NettyEngine engine) throws Exception {
        try (LoadBalancer lb = Balancers.udp().engine(engine).start();
                UdpClient client = UdpClient.to(lb, "front")) {
            client.send("x");
            awaitEnded(lb, Reason.NO_SERVER_AVAILABLE, 1);
            assertThat(Balancers.front(lb).active()).isZero();
        }
    }

    private static Config.Builder inOrder(int gone, UdpServer live) {
        String dead = "127.0.0.1:" + gone;
        return Balancers.udp(live).serverGroup("servers", g -> g.server(dead).scheduler(InOrder.of(dead, live.id())));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aPortWhereNobodyIsIsLeftForTheNextServer(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        int gone = Ports.free();
        String dead = "127.0.0.1:" + gone;
        try (UdpServer live = UdpServer.named();
                LoadBalancer lb = clock.start(
                        transport,
                        inOrder(gone, live)
                                .listener("front", l -> l.sticky(Stickiness.sourceIp(Duration.ofHours(1))))
                                .observer(seen)
                                .build());
                UdpClient client = UdpClient.to(lb, "front");
                UdpClient second = UdpClient.to(lb, "front")) {
            client.send("lost");
            await().until(() -> Balancers.server(lb, dead).connectFailures() == 1);
            assertThat(client.ask("x")).isEqualTo(live.id());
            assertThat(second.ask("sticks to the one that lives")).isEqualTo(live.id());
            assertThat(Balancers.server(lb, dead).active()).isZero();
            clock.advance(SESSION.plus(TICK));
            assertThat(List.of(seen.next().tries(), seen.next().tries()))
                    .containsExactlyInAnyOrder(
                            dead + " connect-refused, " + live.id() + " completed", live.id() + " completed");
        }
    }

    /** Over loopback the system knows after the first read, which takes two at most. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void ofABurstOnlyThoseAreLostThatWereSentBeforeTheSystemKnewThatNobodyIsThere(NettyEngine engine) throws Exception {
        int all = 200;
        try (UdpServer live = UdpServer.named();
                LoadBalancer lb = inOrder(Ports.free(), live).engine(engine).start();
                UdpClient client = UdpClient.to(lb, "front")) {
            for (int i = 0; i < all; i++) {
                client.send(Integer.toString(i));
            }
            int first = Integer.parseInt(live.next().text());
            assertThat(first).isBetween(1, 2);
            for (int i = first + 1; i < all; i++) {
                assertThat(live.next().text()).isEqualTo(Integer.toString(i));
            }
        }
    }

    /** The association ends with its server, and those that had not left begin another. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void ofABurstOnlyThoseAreLostThatWereSentBeforeTheSystemKnewThatTheServerIsGone(NettyEngine engine)
            throws Exception {
        int all = 200;
        try (UdpServer one = UdpServer.named();
                UdpServer other = UdpServer.named();
                LoadBalancer lb = Balancers.udp(one, other).engine(engine).start();
                UdpClient client = UdpClient.to(lb, "front")) {
            UdpServer leaving = client.ask("x").equals(one.id()) ? one : other;
            UdpServer live = leaving == one ? other : one;
            leaving.stop();
            for (int i = 0; i < all; i++) {
                client.send(Integer.toString(i));
            }
            int first = Integer.parseInt(live.next().text());
            assertThat(first).isBetween(1, 2);
            for (int i = first + 1; i < all; i++) {
                assertThat(live.next().text()).isEqualTo(Integer.toString(i));
            }
            assertThat(Balancers.front(lb).ended()).containsOnly(Map.entry(Reason.SERVER_RESET, 1L));
            // Counted when the system has taken it, which may be after the server has.
            await().untilAsserted(
                            () -> assertThat(Balancers.server(lb, live.id()).bytesToServer())
                                    .isEqualTo(Balancers.front(lb).bytesFromClients() - "x".length() - first));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whereAllArePortsWithoutServersTheAssociationEnds(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        String dead = "127.0.0.1:" + Ports.free();
        try (LoadBalancer lb = Balancers.udp()
                        .serverGroup("servers", g -> g.server(dead))
                        .observer(seen)
                        .engine(engine)
                        .start();
                UdpClient client = UdpClient.to(lb, "front")) {
            for (int i = 1; i <= 3; i++) {
                client.send("x");
                awaitEnded(lb, Reason.CONNECT_REFUSED, i);
            }
            assertThat(seen.next().tries()).isEqualTo(dead + " connect-refused");
            assertThat(Balancers.front(lb).active()).isZero();
            assertThat(Balancers.server(lb, dead).active()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerThatGoesAwayEndsTheAssociationAndTheNextOneTakesOver(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (UdpServer first = UdpServer.named();
                UdpServer next = UdpServer.named();
                LoadBalancer lb = Balancers.udp(first, next)
                        .serverGroup("servers", g -> g.scheduler(InOrder.of(first.id(), next.id())))
                        .observer(seen)
                        .engine(engine)
                        .start();
                UdpClient client = UdpClient.to(lb, "front")) {
            assertThat(client.ask("x")).isEqualTo(first.id());
            first.stop();
            client.send("lost");
            assertThat(seen.next().reason()).isEqualTo(Reason.SERVER_RESET);
            assertThat(Balancers.server(lb, first.id()).resets()).isEqualTo(1);
            client.send("lost too, as the first server is asked anew");
            await().until(() -> Balancers.server(lb, first.id()).connectFailures() == 1);
            assertThat(client.ask("x")).isEqualTo(next.id());
        }
    }

    /** 100,000 bytes a second, 10,000 at once. A datagram that is larger than what is read at once has those behind it wait for the rest. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void areDroppedBeyondTheBandwidthAndCounted(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (UdpServer server = UdpServer.silent();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.udp(server)
                                .cluster(Cluster.single())
                                .listener("front", l -> l.limit(Limit.bandwidth(800_000)))
                                .build());
                UdpClient client = UdpClient.to(lb, "front")) {
            for (int i = 0; i < 12; i++) {
                client.send(random(1_000, i));
            }
            awaitDropped(lb, 2);
            assertThat(Balancers.front(lb).bytesFromClients()).isEqualTo(10_000);
            assertThat(Balancers.front(lb).limits().get(0).dropped()).isEqualTo(2);
            assertThat(Balancers.front(lb).limits().get(0).putOff()).isZero();
            assertThat(Balancers.front(lb).limits().get(0).history()).hasSize(1);
            clock.advance(Duration.ofMillis(100));
            client.send(random(30_000, 1)).send(random(100, 2));
            awaitDropped(lb, 3);
            clock.advance(Duration.ofMillis(201));
            client.send(random(100, 3)).send(random(100, 4));
            awaitDropped(lb, 4);
            assertThat(Balancers.front(lb).bytesFromClients()).isEqualTo(40_100);
            clock.advance(Duration.ofSeconds(1));
            await().untilAsserted(() -> assertThat(Balancers.front(lb).history().seconds())
                    .singleElement()
                    .satisfies(second -> assertThat(second.dropped()).isEqualTo(Map.of(Reason.LIMIT_BANDWIDTH, 4L))));
        }
    }

    private static void awaitDropped(LoadBalancer lb, long count) {
        await().untilAsserted(
                        () -> assertThat(Balancers.front(lb).dropped()).containsEntry(Reason.LIMIT_BANDWIDTH, count));
    }
}
