package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.clb.ConfigException;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.l4.Client;
import io.clb.l4.LeakCheck;
import io.clb.l4.TestServer;
import io.clb.spi.Reason;
import io.clb.spi.ServerState;
import io.netty.channel.ChannelException;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A system that does not give what it is asked for. */
@ExtendWith(LeakCheck.class)
final class FaultyTransportTest {

    /** A transport that has no sockets towards servers while it is told so. */
    private static final class Faulty extends ForwardingTransport {

        private final AtomicReference<@Nullable Throwable> fault;

        Faulty(Transport sound, AtomicReference<@Nullable Throwable> fault) {
            super(sound);
            this.fault = fault;
        }

        @Override
        public SocketChannel newSocket() {
            fail();
            return super.newSocket();
        }

        @Override
        public StreamSocket serverSocket(
                Loop loop, PaceSource source, StreamSocket.Use use, StreamSocket.Events events) {
            fail();
            return super.serverSocket(loop, source, use, events);
        }

        private void fail() {
            Throwable thrown = fault.get();
            if (thrown instanceof Error error) {
                throw error;
            }
            if (thrown instanceof RuntimeException failure) {
                throw failure;
            }
        }

        @Override
        public boolean servesDatagrams() {
            return fault.get() == null;
        }
    }

    private static LoadBalancer start(Faulty transport, TestServer server, HealthCheck check) {
        return RunningBalancer.start(
                LoadBalancer.builder()
                        .name("faulty")
                        .serverGroup("servers", g -> g.server(server.id()).healthCheck(check))
                        .listener("front", l -> l.tcp(0).bind("127.0.0.1").forwardTo("servers"))
                        .build(),
                new EngineSetup(transport, 2, null, Clock.SYSTEM));
    }

    private static void assertRefused(LoadBalancer lb) throws IOException {
        try (Client client = Client.to(lb, "front")) {
            assertThat(client.readAll()).as("a reset").isNull();
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void connectionsThatCannotBeServedEndAndAreCountedOnce(String name) throws Exception {
        Faulty transport = new Faulty(Transports.named(name), new AtomicReference<>());
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(transport, server, HealthCheck.none())) {
            transport.fault.set(new ChannelException("Too many open files"));
            assertRefused(lb);
            transport.fault.set(new IllegalStateException("on purpose"));
            assertRefused(lb);
            transport.fault.set(new NoClassDefFoundError("on purpose"));
            assertRefused(lb);
            await().until(() -> lb.snapshot()
                    .listener("front")
                    .ended()
                    .equals(Map.of(Reason.CONNECT_FAILED, 1L, Reason.INTERNAL_ERROR, 2L)));
            transport.fault.set(null);
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("sound again")).isTrue();
                assertThat(lb.snapshot().listener("front").active()).isEqualTo(1);
                assertThat(lb.snapshot()
                                .serverGroup("servers")
                                .server(server.id())
                                .active())
                        .isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void aProbeThatCannotBeMadeHasFailedAndTheNextIsMadeAllTheSame(String name) throws Exception {
        Faulty transport = new Faulty(Transports.named(name), new AtomicReference<>());
        transport.fault.set(new ChannelException("too many open files"));
        HealthCheck check = HealthCheck.tcp()
                .interval(Duration.ofMillis(100))
                .unhealthyThreshold(1)
                .healthyThreshold(1);
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = start(transport, server, check)) {
            awaitState(lb, server, ServerState.DOWN, "no socket for the probe: too many open files");
            transport.fault.set(null);
            awaitState(lb, server, ServerState.UP, "healthy");
            transport.fault.set(new IllegalStateException("on purpose"));
            awaitState(lb, server, ServerState.DOWN, "the check failed: java.lang.IllegalStateException: on purpose");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void probesByDatagramAreRefusedWhereThereAreNone(String name) {
        Faulty transport = new Faulty(Transports.named(name), new AtomicReference<>(new ChannelException("no UDP")));
        try (TestServer server = TestServer.echo()) {
            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(() -> start(transport, server, HealthCheck.udp()))
                    .withMessage("serverGroup servers: healthCheck: UDP (expected: another kind, or epoll or NIO: "
                            + "there is no UDP on " + name + " yet)");
        }
    }

    private static void awaitState(LoadBalancer lb, TestServer server, ServerState state, String why) {
        await().untilAsserted(() -> {
            var now = lb.snapshot().serverGroup("servers").server(server.id());
            assertThat(now.state() + ": " + now.why()).isEqualTo(state + ": " + why);
        });
    }
}
