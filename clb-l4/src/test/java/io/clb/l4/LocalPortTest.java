package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.Ejection;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.FewPorts;
import io.clb.spi.Reason;
import io.clb.spi.ServerState;
import io.netty.channel.uring.IoUring;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A balancer that has used up its ports towards a server. Not on NIO, whose sockets take no such range. */
@EnabledIf("io.clb.engine.FewPorts#isAvailable")
@ExtendWith(LeakCheck.class)
final class LocalPortTest {

    private static final int PORTS = 8;
    private static final int TOO_MANY = 5;

    private static Stream<String> transports() {
        return IoUring.isAvailable() ? Stream.of("epoll", "io_uring") : Stream.of("epoll");
    }

    /** Ejects a server at the first failure; probes come from another address than connections, so they have ports. */
    private static Config config(Config.Builder builder, HealthCheck check, Seen seen) {
        return builder.serverGroup("servers", g -> g.healthCheck(check).ejection(Ejection.after(1)))
                .listener("front", l -> l.upstreamSources("127.0.0.7"))
                .observer(seen)
                .build();
    }

    private static Client connected(LoadBalancer lb) throws Exception {
        Client client = Client.to(lb, "front");
        assertThat(client.echoes("hello")).isTrue();
        return client;
    }

    private static void assertNotToBlame(LoadBalancer lb, String id, Seen seen) {
        Snapshot.Server server = Balancers.server(lb, id);
        assertThat(server.state()).isEqualTo(ServerState.UP);
        assertThat(server.ejections()).isZero();
        assertThat(seen.states()).noneMatch(state -> state.contains("EJECTED") || state.contains("DOWN"));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void connectionsThatFindNoneSaySoAndGoOnWhenThereAreSome(String transport) throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = FewPorts.start(
                        transport, PORTS, config(Balancers.tcp(g -> g.server(server.id())), Balancers.QUICK, seen))) {
            await().until(() -> Balancers.server(lb, server.id()).state() == ServerState.UP);
            List<Client> open = new ArrayList<>();
            for (int round = 1; round <= 2; round++) {
                while (open.size() < PORTS) {
                    open.add(connected(lb));
                }
                for (int i = 0; i < TOO_MANY; i++) {
                    assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
                    Seen.Flow refused = seen.next();
                    assertThat(refused.reason()).isEqualTo(Reason.NO_LOCAL_PORT);
                    // One try each, though three are allowed: there is no other server.
                    assertThat(refused.tries()).isEqualTo(server.id() + " no-local-port");
                }
                long failures = Balancers.server(lb, server.id()).connectFailures();
                assertThat(failures).isEqualTo((long) round * TOO_MANY);
                for (Client client : open) {
                    assertThat(client.echoes("still")).isTrue();
                }
                assertNotToBlame(lb, server.id(), seen);
                for (Client client : open.subList(0, PORTS / 2)) {
                    client.reset();
                    assertThat(seen.next().reason()).isEqualTo(Reason.CLIENT_RESET);
                }
                open.subList(0, PORTS / 2).clear();
                // Their ports are free when the server has heard of it.
                await().until(() -> server.open() == open.size());
            }
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.NO_LOCAL_PORT, 2L * TOO_MANY);
            assertThat(Reason.NO_LOCAL_PORT.why()).startsWith("no local port is left");
            for (Client client : open) {
                client.reset();
            }
        }
    }

    @Test
    void associationsThatFindNoneAreDroppedAndBeginWhenThereAreSome() throws Exception {
        Seen seen = new Seen();
        List<UdpClient> clients = new ArrayList<>();
        try (UdpServer server = UdpServer.echo();
                TestServer beside = TestServer.echo();
                LoadBalancer lb = FewPorts.start(
                        "epoll", PORTS, config(Balancers.udp(server), Balancers.QUICK.port(beside.port()), seen))) {
            await().until(() -> Balancers.server(lb, server.id()).state() == ServerState.UP);
            for (int i = 0; i < PORTS; i++) {
                clients.add(UdpClient.to(lb, "front"));
                assertThat(clients.get(i).ask("x")).isEqualTo("x");
            }
            for (int i = 0; i < TOO_MANY; i++) {
                clients.add(UdpClient.to(lb, "front").send("x"));
                assertThat(seen.next().reason()).isEqualTo(Reason.NO_LOCAL_PORT);
            }
            assertThat(clients.get(0).ask("still")).isEqualTo("still");
            assertNotToBlame(lb, server.id(), seen);

            // It takes its associations with it.
            lb.update(c -> c.removeListener("front"));
            lb.update(c -> c.listener(
                    "front",
                    l -> l.udp(0).bind("127.0.0.1").upstreamSources("127.0.0.7").forwardTo("servers")));
            clients.add(UdpClient.to(lb, "front"));
            assertThat(clients.get(clients.size() - 1).ask("again")).isEqualTo("again");
        } finally {
            clients.forEach(UdpClient::close);
        }
    }
}
