package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.clb.BindException;
import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of associations when the configuration changes, or the balancer ends. */
@ExtendWith(LeakCheck.class)
final class UdpChangeTest {

    private static final Duration SESSION = Duration.ofSeconds(20);
    private static final Duration TICK = Duration.ofMillis(5);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private static boolean isFree(InetSocketAddress address) {
        try (DatagramSocket probe = new DatagramSocket(address)) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void associationsKeepTheirServerAndNewOnesFollowTheChange(NettyEngine engine) throws Exception {
        try (UdpServer before = UdpServer.named();
                UdpServer after = UdpServer.named();
                LoadBalancer lb = Balancers.udp(before).engine(engine).start();
                UdpClient old = UdpClient.to(lb, "front");
                UdpClient late = UdpClient.to(lb, "front")) {
            assertThat(old.ask("x")).isEqualTo(before.id());
            lb.update(c -> c.serverGroup("servers", g -> g.server(after.id()).removeServer(before.id())));
            assertThat(old.ask("x")).isEqualTo(before.id());
            assertThat(late.ask("x")).isEqualTo(after.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aListenerMayComeWhileOthersRun(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.echo();
                TestServer tcp = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(tcp)).start()) {
            int port = lb.address("front").getPort();
            lb.update(c -> c.serverGroup("datagrams", Balancers.unchecked(server.id()))
                    .listener("udp", l -> l.udp(port).bind("127.0.0.1").forwardTo("datagrams"))
                    .listener("other", l -> l.udp(0).bind("127.0.0.1").forwardTo("datagrams")));
            assertThat(lb.address("udp").getPort()).as("that of TCP").isEqualTo(port);
            try (UdpClient client = UdpClient.to(lb, "udp");
                    UdpClient second = UdpClient.to(lb, "other");
                    Client connection = Client.to(lb, "front")) {
                assertThat(client.ask("x")).isEqualTo("x");
                assertThat(second.ask("y")).isEqualTo("y");
                assertThat(connection.echoes("z")).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void associationsOfARemovedListenerEnd(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb =
                        Balancers.udp(server).observer(seen).engine(engine).start();
                UdpClient client = UdpClient.to(lb, "front")) {
            assertThat(client.ask("x")).isEqualTo("x");
            InetSocketAddress address = lb.address("front");
            lb.update(c -> c.removeListener("front"));
            assertThat(seen.next().reason()).isEqualTo(Reason.LISTENER_REMOVED);
            assertThat(Balancers.server(lb, server.id()).active()).isZero();
            assertThat(isFree(address)).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void associationsEndWhenTheirAddressPassesToAnotherListener(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        int port = Ports.free();
        try (UdpServer a = UdpServer.named();
                UdpServer b = UdpServer.named();
                LoadBalancer lb = Balancers.udp(a)
                        .listener("front", l -> l.udp(port))
                        .observer(seen)
                        .engine(engine)
                        .start();
                UdpClient client = UdpClient.to(lb, "front")) {
            assertThat(client.ask("x")).isEqualTo(a.id());
            lb.update(c -> c.removeListener("front")
                    .serverGroup("others", Balancers.unchecked(b.id()))
                    .listener("heir", l -> l.udp(port).bind("127.0.0.1").forwardTo("others")));
            assertThat(client.ask("x")).isEqualTo(b.id());
            assertThat(seen.next().reason()).isEqualTo(Reason.LISTENER_REMOVED);
            assertThat(lb.snapshot().listener("heir").active()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aPortThatSomebodyHasIsRefusedAndNothingChanges(NettyEngine engine) throws Exception {
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = Balancers.udp(server).engine(engine).start();
                UdpClient client = UdpClient.to(lb, "front")) {
            int own = lb.address("front").getPort();
            Consumer<Config.Builder> taken = c -> c.listener(
                    "late", l -> l.udp(server.port()).bind("127.0.0.1").forwardTo("servers"));
            assertThatExceptionOfType(BindException.class).isThrownBy(() -> lb.update(taken));
            Config.Builder second = Balancers.udp(server)
                    .listener("front", l -> l.udp(own))
                    .engine(engine)
                    .name("second");
            assertThatExceptionOfType(BindException.class).isThrownBy(second::start);
            assertThat(client.ask("x")).isEqualTo("x");
            assertThat(lb.snapshot().listeners()).hasSize(1);
        }
    }

    /** Waits until every loop has heard of the shutdown, and a new client is turned away. */
    private static void awaitDraining(FakeClock clock, LoadBalancer lb, UdpClient late) {
        ShutdownTest.awaitBegun(lb);
        clock.advance(Duration.ZERO);
        await().until(() -> {
            late.send("too late");
            return Balancers.front(lb).ended().containsKey(Reason.SHUTDOWN);
        });
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void associationsGoOnWhileItDrainsAndTheEndOfTheLastIsTheEnd(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = clock.start(
                        transport, Balancers.udp(server).observer(seen).build());
                UdpClient client = UdpClient.to(lb, "front");
                UdpClient late = UdpClient.to(lb, "front")) {
            assertThat(client.ask("begun")).isEqualTo("begun");
            InetSocketAddress address = lb.address("front");
            CompletableFuture<Void> down = lb.shutdown(MINUTE).toCompletableFuture();
            awaitDraining(clock, lb, late);
            assertThat(client.ask("going on")).isEqualTo("going on");
            assertThat(down).isNotDone();
            clock.advance(SESSION.plus(TICK));
            assertThat(down).succeedsWithin(TEN_SECONDS);
            assertThat(seen.flows()).extracting(Seen.Flow::reason).contains(Reason.COMPLETED);
            assertThat(isFree(address)).isTrue();
        }
    }

    @Test
    @EnabledIf("io.netty.channel.uring.IoUring#isAvailable")
    void onIoUringItIsRefused() {
        Config.Builder udp = Balancers.udp().engine(NettyEngine.ioUring());
        assertThatExceptionOfType(BindException.class)
                .isThrownBy(udp::start)
                .withStackTraceContaining("no UDP on io_uring yet: choose epoll or NIO");
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void whatIsOpenAtTheDeadlineEnds(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = clock.start(
                        transport, Balancers.udp(server).observer(seen).build());
                UdpClient client = UdpClient.to(lb, "front");
                UdpClient late = UdpClient.to(lb, "front")) {
            assertThat(client.ask("begun")).isEqualTo("begun");
            CompletableFuture<Void> down = lb.shutdown(TEN_SECONDS).toCompletableFuture();
            awaitDraining(clock, lb, late);
            clock.advance(TEN_SECONDS.minus(TICK));
            assertThat(client.ask("going on")).isEqualTo("going on");
            clock.advance(TICK);
            assertThat(down).succeedsWithin(TEN_SECONDS);
            assertThat(seen.flows())
                    .filteredOn(flow -> server.id().equals(flow.server()))
                    .singleElement()
                    .returns(Reason.SHUTDOWN, Seen.Flow::reason);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    @SuppressWarnings("try") // closing is what this is about
    void closingEndsThemAtOnce(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb =
                        Balancers.udp(server).observer(seen).engine(engine).start();
                UdpClient client = UdpClient.to(lb, "front")) {
            assertThat(client.ask("x")).isEqualTo("x");
            InetSocketAddress address = lb.address("front");
            lb.close();
            assertThat(seen.next().reason()).isEqualTo(Reason.SHUTDOWN);
            assertThat(seen.flows()).isEmpty();
            assertThat(isFree(address)).isTrue();
            assertThat(Balancers.threads("test")).isEmpty();
        }
    }
}
