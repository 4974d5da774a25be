package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import io.clb.schedule.Schedulers;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Schedulers that send a client to the same server each time. */
@ExtendWith(LeakCheck.class)
final class HashSchedulerTest {

    private static final int CLIENTS = 600;
    private static final int PORTS = 48;

    private static LoadBalancer start(NettyEngine engine, TestServer... servers) {
        return Balancers.tcp(engine, Balancers.unchecked(servers))
                .serverGroup("servers", g -> g.scheduler(Schedulers.sourceHash()))
                .start();
    }

    /** The server of each client, which is an address of loopback. */
    private static Map<String, String> served(LoadBalancer lb) throws Exception {
        Map<String, String> served = new HashMap<>();
        for (int i = 0; i < CLIENTS; i++) {
            String address = "127.0." + (2 + i / 250) + "." + (1 + i % 250);
            try (Client client = Client.from(address, lb, "front")) {
                served.put(address, client.line());
            }
        }
        return served;
    }

    @Test
    void anAddressHasTheSameServerOnEveryBalancerAndMovesOnlyWithItsServer() throws Exception {
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                TestServer c = TestServer.named();
                LoadBalancer one = start(NettyEngine.epoll().threads(2), a, b, c);
                LoadBalancer two = start(NettyEngine.nio().threads(1), c, a, b)) {
            Map<String, String> before = served(one);
            assertThat(before.values()).contains(a.id(), b.id(), c.id());
            assertThat(served(one)).isEqualTo(before);
            assertThat(served(two)).isEqualTo(before);

            one.update(u -> u.serverGroup("servers", g -> g.removeServer(b.id())));
            Map<String, String> without = served(one);
            assertThat(without.values()).contains(a.id(), c.id()).doesNotContain(b.id());
            List<String> others = before.keySet().stream()
                    .filter(client -> !b.id().equals(before.get(client)))
                    .toList();
            assertThat(others)
                    .filteredOn(client -> !Objects.equals(without.get(client), before.get(client)))
                    .hasSizeLessThanOrEqualTo(others.size() / 100);

            one.update(u -> u.serverGroup("servers", g -> g.server(b.id())));
            assertThat(served(one)).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aFourTupleHasTheSameServerEachTimeAndThoseOfOneAddressHaveAll(NettyEngine engine) throws Exception {
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(a, b))
                        .serverGroup("servers", g -> g.scheduler(Schedulers.fourTupleHash()))
                        .start()) {
            Set<String> servers = new HashSet<>();
            for (int i = 0; i < PORTS; i++) {
                List<String> served = servedFromOnePort(lb);
                assertThat(served).containsOnly(served.get(0));
                servers.add(served.get(0));
            }
            assertThat(servers).containsExactlyInAnyOrder(a.id(), b.id());
        }
    }

    /** Connects three times from one port, which the system chooses at first. A reset frees it at once. */
    private static List<String> servedFromOnePort(LoadBalancer lb) throws Exception {
        List<String> served = new ArrayList<>();
        int port = 0;
        for (int i = 0; i < 3; i++) {
            Socket socket = new Socket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress("127.0.5.1", port));
            socket.connect(lb.address("front"));
            port = socket.getLocalPort();
            try (Client client = Client.on(socket)) {
                served.add(client.line());
                client.reset();
            }
        }
        return served;
    }
}
