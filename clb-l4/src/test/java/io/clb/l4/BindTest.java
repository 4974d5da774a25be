package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clb.BindException;
import io.clb.LoadBalancer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ports that are not to be had. */
@ExtendWith(LeakCheck.class)
final class BindTest {

    private static final String NAME = "bind-test";

    /** Starts a balancer with three listeners, the second on a given port. */
    private static LoadBalancer start(NettyEngine engine, int first, int second, int third) {
        return Balancers.tcp(engine, Balancers.unchecked("127.0.0.1:1"))
                .name(NAME)
                .listener("front", l -> l.tcp(first))
                .listener("second", l -> l.tcp(second).bind("127.0.0.1").forwardTo("servers"))
                .listener("third", l -> l.tcp(third).bind("127.0.0.1").forwardTo("servers"))
                .start();
    }

    private static void assertThatSecondIsTaken(ThrowingCallable start, int port) {
        assertThatThrownBy(start)
                .isInstanceOfSatisfying(BindException.class, e -> {
                    assertThat(e.listener()).isEqualTo("second");
                    assertThat(e.address()).isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                })
                .hasMessageContaining("listener second")
                .hasMessageContaining("127.0.0.1:" + port)
                .hasMessageContaining("Address already in use");
        assertThat(Balancers.threads(NAME)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aPortThatAnotherHoldsIsNamedAndNothingStays(NettyEngine engine) throws Exception {
        int first = Ports.free();
        int third = Ports.free();
        try (ServerSocket foreign = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int taken = foreign.getLocalPort();
            assertThatSecondIsTaken(() -> start(engine, first, taken, third), taken);
        }
        assertThat(Ports.isFree(first)).isTrue();
        assertThat(Ports.isFree(third)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aPortOfAnotherBalancerIsNotShared(NettyEngine engine) throws Exception {
        int first = Ports.free();
        int third = Ports.free();
        try (TestServer server = TestServer.named();
                LoadBalancer other =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start()) {
            int taken = other.address("front").getPort();
            assertThatSecondIsTaken(() -> start(engine, first, taken, third), taken);
            try (Client client = Client.to(other, "front")) {
                assertThat(client.line()).isEqualTo(server.id());
            }
        }
        assertThat(Ports.isFree(first)).isTrue();
        assertThat(Ports.isFree(third)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void anAddressThatIsNotOursIsNamed(NettyEngine engine) {
        assertThatThrownBy(() -> Balancers.tcp(engine, g -> {})
                        .name(NAME)
                        .listener("front", l -> l.bind("192.0.2.1"))
                        .start())
                .isInstanceOf(BindException.class)
                .hasMessageContaining("listener front")
                .hasMessageContaining("192.0.2.1:0");
        assertThat(Balancers.threads(NAME)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aPortIsFreeAgainAfterTheEnd(NettyEngine engine) throws Exception {
        int port = Ports.free();
        for (int i = 0; i < 3; i++) {
            try (TestServer server = TestServer.named();
                    LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                            .listener("front", l -> l.tcp(port))
                            .start();
                    Client client = Client.to(lb, "front")) {
                assertThat(client.line()).isEqualTo(server.id());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void withoutAnAddressEveryAddressIsBound(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("everywhere", l -> l.tcp(0).forwardTo("servers"))
                        .start()) {
            int port = lb.address("everywhere").getPort();
            for (String address : new String[] {"127.0.0.1", "127.0.0.2", "::1"}) {
                try (Client client = Client.at(new InetSocketAddress(address, port))) {
                    assertThat(client.line()).isEqualTo(server.id());
                }
            }
        }
    }
}
