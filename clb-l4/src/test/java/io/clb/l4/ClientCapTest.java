package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.spi.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The cap on connections of one client address. */
@ExtendWith(LeakCheck.class)
final class ClientCapTest {

    private static final int CAP = 3;

    private static LoadBalancer start(NettyEngine engine, TestServer server) {
        return Balancers.tcp(engine, Balancers.unchecked(server))
                .listener("front", l -> l.maxConnectionsPerClient(CAP))
                .start();
    }

    /** As many connections as are let in, which are open then. */
    private static List<Client> fill(String source, LoadBalancer lb) {
        List<Client> open = new ArrayList<>();
        for (Client client = enter(source, lb); client != null; client = enter(source, lb)) {
            open.add(client);
        }
        return open;
    }

    private static @Nullable Client enter(String source, LoadBalancer lb) {
        try {
            Client client = Client.from(source, lb, "front");
            assertThat(client.echoes("hello")).isTrue();
            return client;
        } catch (IOException reset) {
            return null;
        }
    }

    private static void close(List<Client> clients) throws IOException {
        for (Client client : clients) {
            client.close();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void isForEachAddressByItself(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server)) {
            List<Client> first = fill("127.0.0.1", lb);
            List<Client> second = fill("127.0.0.2", lb);
            assertThat(first).hasSize(CAP);
            assertThat(second).hasSize(CAP);
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.MAX_CONNECTIONS_PER_CLIENT, 2L);
            close(first);
            await().until(() -> Balancers.front(lb).active() == CAP);
            List<Client> again = fill("127.0.0.1", lb);
            assertThat(again).hasSize(CAP);
            assertThat(fill("127.0.0.2", lb)).isEmpty();
            close(again);
            close(second);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void countsThoseWhoCameSinceItWasSet(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start()) {
            Client before = Client.to(lb, "front");
            assertThat(before.echoes("hello")).isTrue();
            lb.update(c -> c.listener("front", l -> l.maxConnectionsPerClient(CAP)));
            List<Client> since = fill("127.0.0.1", lb);
            assertThat(since).hasSize(CAP);
            before.close();
            await().until(() -> Balancers.front(lb).active() == CAP);
            assertThat(fill("127.0.0.1", lb)).isEmpty();
            lb.update(c -> c.listener("front", l -> l.maxConnectionsPerClient(CAP + 1)));
            List<Client> more = fill("127.0.0.1", lb);
            assertThat(more).hasSize(1);
            lb.update(c -> c.listener("front", l -> l.maxConnectionsPerClient(0)));
            try (Client free = Client.to(lb, "front")) {
                assertThat(free.echoes("hello")).isTrue();
            }
            close(since);
            close(more);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void holdsThroughUpdatesThatNeedMoreRoomOrCutIpv6AddressesOtherwise(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server)) {
            lb.update(c -> c.listener("front", l -> l.maxConnections(10)));
            List<Client> before = fill("127.0.0.1", lb);
            assertThat(before).hasSize(CAP);
            lb.update(c -> c.listener("front", l -> l.maxConnections(100_000)));
            assertThat(fill("127.0.0.1", lb)).isEmpty();
            lb.update(c -> c.listener("front", l -> l.ipv6ClientBits(128)));
            assertThat(fill("127.0.0.1", lb)).isEmpty();
            before.remove(0).close();
            await().until(() -> Balancers.front(lb).active() == CAP - 1);
            List<Client> after = fill("127.0.0.1", lb);
            assertThat(after).hasSize(1);
            close(before);
            await().until(() -> Balancers.front(lb).active() == 1);
            List<Client> more = fill("127.0.0.1", lb);
            assertThat(more).hasSize(CAP - 1);
            close(after);
            close(more);
        }
    }

    /** What a policy refuses takes no place. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void doesNotCountWhatIsRefusedOtherwise(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(engine, server)) {
            lb.update(c -> c.listener("front", l -> l.access(flow -> false)));
            for (int i = 0; i < 2 * CAP; i++) {
                assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            }
            lb.update(c -> c.listener("front", l -> l.access(null)));
            List<Client> clients = fill("127.0.0.1", lb);
            assertThat(clients).hasSize(CAP);
            close(clients);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void isOneOfAssociationsOnUdp(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = Balancers.udp(server)
                        .listener("front", l -> l.maxConnectionsPerClient(1))
                        .engine(engine)
                        .start();
                UdpClient first = UdpClient.to(lb, "front");
                UdpClient second = UdpClient.to(lb, "front");
                UdpClient other = UdpClient.from("127.0.0.2", lb, "front")) {
            assertThat(first.ask("x")).isEqualTo("x");
            second.send("y");
            await().untilAsserted(() ->
                    assertThat(Balancers.front(lb).ended()).containsEntry(Reason.MAX_CONNECTIONS_PER_CLIENT, 1L));
            assertThat(other.ask("z")).isEqualTo("z");
            assertThat(first.ask("x")).isEqualTo("x");
        }
    }
}
