package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.schedule.QuicConnectionId;
import io.clb.schedule.Schedulers;
import io.clb.spi.Datagram;
import io.clb.spi.DatagramScheduler;
import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.Server;
import io.clb.spi.UdpFlow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Datagrams that look like packets of QUIC: which server their connection ids lead to. Each client is a socket with another port, on whichever loop that is. */
@ExtendWith(LeakCheck.class)
final class QuicTest {

    /** Enough that two servers, and two loops, get some of them each, unless chance plays a trick of one in a hundred thousand million. */
    private static final int CLIENTS = 40;

    private final Random random = new Random(7);
    private final List<UdpClient> clients = new ArrayList<>();

    private byte[] id(int length) {
        byte[] id = new byte[length];
        random.nextBytes(id);
        return id;
    }

    private static byte[] longHeader(byte[] destination, byte[] source) {
        return ByteBuffer.allocate(100)
                .put((byte) 0xc3)
                .putInt(1)
                .put((byte) destination.length)
                .put(destination)
                .put((byte) source.length)
                .put(source)
                .array();
    }

    private byte[] initial(byte[] id) {
        return longHeader(id, id(5));
    }

    private static byte[] shortHeader(byte[] id) {
        return ByteBuffer.allocate(60).put((byte) 0x45).put(id).array();
    }

    private static Config.Builder quic(QuicConnectionId scheduler, UdpServer... servers) {
        return Balancers.udp(servers).serverGroup("servers", g -> g.scheduler(scheduler));
    }

    /** Which server answers each of many clients. */
    private List<String> served(LoadBalancer lb, IntFunction<byte[]> first) throws Exception {
        List<String> served = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            served.add(client(lb).send(first.apply(i)).text());
        }
        return served;
    }

    /** Open until the test is over: the port of one that has gone could be given to another, whose association would then be that of the first. */
    private UdpClient client(LoadBalancer lb) throws IOException {
        UdpClient client = UdpClient.to(lb, "front");
        clients.add(client);
        return client;
    }

    @AfterEach
    void close() {
        clients.forEach(UdpClient::close);
    }

    /** Has the server that a client is given choose an id, and returns who that is. */
    private UdpServer choose(byte[] chosen, LoadBalancer lb, UdpServer... servers) throws Exception {
        UdpClient client = client(lb);
        String name = client.send(initial(id(8))).text();
        UdpServer server = Stream.of(servers)
                .filter(each -> each.id().equals(name))
                .findFirst()
                .orElseThrow();
        server.send(server.last().from(), longHeader(id(5), chosen));
        client.receive();
        return server;
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anIdThatAClientMadeUpLeadsToOneServerFromAllAddresses(NettyEngine engine) throws Exception {
        try (UdpServer a = UdpServer.named();
                UdpServer b = UdpServer.named();
                LoadBalancer lb =
                        quic(Schedulers.quicConnectionId(), a, b).engine(engine).start()) {
            byte[] one = id(8);
            assertThat(Set.copyOf(served(lb, i -> initial(one)))).hasSize(1);
            assertThat(served(lb, i -> initial(id(8)))).contains(a.id(), b.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anIdThatAServerChoseLeadsBackToItFromEveryAddressOnEveryLoop(NettyEngine engine) throws Exception {
        try (UdpServer a = UdpServer.named();
                UdpServer b = UdpServer.named();
                LoadBalancer lb =
                        quic(Schedulers.quicConnectionId(), a, b).engine(engine).start()) {
            for (int length : new int[] {20, 8, 4}) {
                byte[] chosen = id(length);
                UdpServer server = choose(chosen, lb, a, b);
                assertThat(served(lb, i -> shortHeader(chosen))).containsOnly(server.id());
                assertThat(served(lb, i -> initial(chosen))).containsOnly(server.id());
            }
            lb.update(c -> c.serverGroup("servers", g -> g.scheduler(Schedulers.fourTupleHash())));
            byte[] chosen = id(8);
            choose(chosen, lb, a, b);
            assertThat(served(lb, i -> shortHeader(chosen))).as("without ids").contains(a.id(), b.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whatHasNoIdOrOneThatNobodyKnowsIsServedByItsFourTuple(NettyEngine engine) throws Exception {
        try (UdpServer a = UdpServer.named();
                UdpServer b = UdpServer.named();
                LoadBalancer lb =
                        quic(Schedulers.quicConnectionId(), a, b).engine(engine).start()) {
            choose(id(8), lb, a, b);
            byte[] unknown = id(8);
            assertThat(served(lb, i -> shortHeader(unknown))).contains(a.id(), b.id());
            assertThat(served(lb, i -> initial(new byte[0]))).contains(a.id(), b.id());
            assertThat(served(lb, i -> new byte[] {(byte) 0xc0, 1})).contains(a.id(), b.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void whenThereAreTooManyIdsTheOldestGiveWayAndAllAreServed(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (UdpServer a = UdpServer.named();
                UdpServer b = UdpServer.named();
                LoadBalancer lb = clock.start(
                        transport,
                        quic(Schedulers.quicConnectionId().connectionIds(1_024), a, b)
                                .build());
                UdpClient client = client(lb)) {
            byte[] oldest = id(8);
            choose(oldest, lb, a, b);
            clock.advance(Duration.ofSeconds(2));
            String name = client.send(initial(id(8))).text();
            UdpServer server = a.id().equals(name) ? a : b;
            for (int i = 0; i < 4_000; i++) {
                server.send(server.last().from(), longHeader(id(5), id(8)));
                client.receive();
            }
            clock.advance(Duration.ofSeconds(2));
            byte[] newest = id(8);
            server.send(server.last().from(), longHeader(id(5), newest));
            client.receive();
            assertThat(lb.snapshot().serverGroup("servers").forgotten()).isBetween(4_002L - 1_024, 4_001L);
            assertThat(served(lb, i -> shortHeader(newest))).containsOnly(server.id());
            assertThat(served(lb, i -> shortHeader(oldest))).contains(a.id(), b.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aNumberInAnIdThatWasNeverSeenLeadsToItsServer(NettyEngine engine) throws Exception {
        QuicConnectionId numbered = Schedulers.quicConnectionId().serverNumberAt(1, 1);
        try (UdpServer a = UdpServer.named();
                UdpServer b = UdpServer.named();
                LoadBalancer lb = Balancers.udp()
                        .serverGroup(
                                "servers",
                                g -> g.scheduler(numbered)
                                        .server(a.id(), s -> s.tag(QuicConnectionId.NUMBER_TAG, "1"))
                                        .server(b.id(), s -> s.tag(QuicConnectionId.NUMBER_TAG, "2")))
                        .engine(engine)
                        .start()) {
            assertThat(served(lb, i -> shortHeader(withNumber(1)))).containsOnly(a.id());
            assertThat(served(lb, i -> shortHeader(withNumber(2)))).containsOnly(b.id());
            assertThat(served(lb, i -> shortHeader(withNumber(3))))
                    .as("nobody's number")
                    .contains(a.id(), b.id());
            lb.update(c ->
                    c.serverGroup("servers", g -> g.server(a.id(), s -> s.tag(QuicConnectionId.NUMBER_TAG, "3"))));
            assertThat(served(lb, i -> shortHeader(withNumber(3)))).containsOnly(a.id());
        }
    }

    private byte[] withNumber(int number) {
        byte[] id = id(8);
        id[1] = (byte) number;
        return id;
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anIdWhoseServerIsGoneIsServedByAnotherAndTheOthersAreKept(NettyEngine engine) throws Exception {
        try (UdpServer a = UdpServer.named();
                UdpServer b = UdpServer.named();
                UdpServer c = UdpServer.named();
                LoadBalancer lb =
                        quic(Schedulers.quicConnectionId(), a, b).engine(engine).start()) {
            byte[] chosen = id(8);
            UdpServer gone = choose(chosen, lb, a, b);
            lb.update(u -> u.serverGroup("servers", g -> g.server(c.id())));
            assertThat(served(lb, i -> shortHeader(chosen))).containsOnly(gone.id());
            lb.update(u -> u.serverGroup("servers", g -> g.removeServer(gone.id())));
            assertThat(served(lb, i -> shortHeader(chosen))).doesNotContain(gone.id());
        }
    }

    /** 100 to 1: of forty ids not ten to the lighter one. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void newConnectionsAreSharedByWeight(NettyEngine engine) throws Exception {
        try (UdpServer heavy = UdpServer.named();
                UdpServer light = UdpServer.named();
                LoadBalancer lb = quic(Schedulers.quicConnectionId(), heavy, light)
                        .serverGroup("servers", g -> g.server(light.id(), s -> s.weight(1)))
                        .engine(engine)
                        .start()) {
            assertThat(served(lb, i -> initial(id(8))))
                    .filteredOn(light.id()::equals)
                    .hasSizeLessThan(10);
        }
    }

    /** Keeps what it is shown, and throws. */
    private static final class Reader implements DatagramScheduler {

        private final GroupView group;
        private final BlockingQueue<String> shown;

        Reader(GroupView group, BlockingQueue<String> shown) {
            this.group = group;
            this.shown = shown;
        }

        @Override
        public @Nullable Server pick(Flow flow, long nowNanos) {
            shown.add("client " + text(((UdpFlow) flow).first()));
            for (int i = 0; i < group.size(); i++) {
                if (!flow.tried(group.server(i))) {
                    return group.server(i);
                }
            }
            return null;
        }

        @Override
        public void fromServer(Server server, Datagram datagram, long nowNanos) {
            shown.add(server.id() + " " + text(datagram));
            throw new IllegalStateException("as this test wants");
        }

        private static String text(Datagram datagram) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < datagram.length(); i++) {
                text.append((char) datagram.at(i));
            }
            return text.toString();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aSchedulerOfTheApplicationsIsShownDatagramsAndWhatItThrowsHarmsNobody(NettyEngine engine) throws Exception {
        BlockingQueue<String> shown = new LinkedBlockingQueue<>();
        SchedulerFactory reader = (eligible, previous) -> new Reader(eligible, shown);
        String beginning = "x".repeat(UdpFlow.FIRST_BYTES);
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = Balancers.udp(server)
                        .serverGroup("servers", g -> g.scheduler(reader))
                        .engine(engine)
                        .start();
                UdpClient client = UdpClient.to(lb, "front")) {
            assertThat(client.ask(beginning + "y")).isEqualTo(beginning + "y");
            assertThat(client.ask("z")).isEqualTo("z");
            assertThat(shown)
                    .containsExactly("client " + beginning, server.id() + " " + beginning + "y", server.id() + " z");
        }
    }

    /** Nobody is on the port of the first server: the client's datagram is gone, but not what it began with. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anIdLeadsToTheSameOtherServerWhereItsOwnIsNotThere(NettyEngine engine) throws Exception {
        BlockingQueue<String> shown = new LinkedBlockingQueue<>();
        SchedulerFactory reader = (eligible, previous) -> new Reader(eligible, shown);
        try (LoadBalancer lb = Balancers.udp()
                        .serverGroup(
                                "servers",
                                g -> g.server("127.0.0.1:" + Ports.free()).scheduler(reader))
                        .engine(engine)
                        .start();
                UdpClient client = UdpClient.to(lb, "front")) {
            client.send("first");
            assertThat(shown.poll(10, TimeUnit.SECONDS)).isEqualTo("client first");
            assertThat(shown.poll(10, TimeUnit.SECONDS)).as("at the retry").isEqualTo("client first");
        }
    }
}
