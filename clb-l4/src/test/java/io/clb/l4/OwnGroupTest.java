package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clb.LoadBalancer;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Balancers on the application's own event loops. */
@ExtendWith(LeakCheck.class)
final class OwnGroupTest {

    static Stream<Arguments> handlers() {
        return Stream.of(
                Arguments.of("epoll", EpollIoHandler.newFactory()), Arguments.of("nio", NioIoHandler.newFactory()));
    }

    @ParameterizedTest
    @MethodSource("handlers")
    void twoBalancersMayShareAGroupAndNeitherEndsIt(String transport, IoHandlerFactory handlers) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, handlers);
        try (TestServer server = TestServer.echo()) {
            try (LoadBalancer one = Balancers.tcp(
                                    NettyEngine.on(group), Balancers.checked(Balancers.QUICK, server.id()))
                            .name("one")
                            .start();
                    Client first = Client.to(one, "front")) {
                assertThat(one.snapshot().transport()).isEqualTo(transport);
                assertThat(one.snapshot().loops()).isEqualTo(2);
                assertThat(first.echoes("one")).isTrue();
                try (LoadBalancer two = Balancers.tcp(NettyEngine.on(group), Balancers.unchecked(server))
                                .name("two")
                                .start();
                        Client second = Client.to(two, "front")) {
                    assertThat(second.echoes("two")).isTrue();
                }
                assertThat(first.echoes("one is still there")).isTrue();
                assertThat(Groups.planned(group)).as("the idle timeout").isPositive();
                assertThat(Balancers.threads("one")).noneMatch(name -> name.contains("loop"));
            }
            assertThat(Balancers.threads("one")).isEmpty();
            assertThat(Balancers.threads("two")).isEmpty();
            assertThat(group.isShuttingDown()).isFalse();
            assertThat(Groups.planned(group)).as("nothing ticks on").isZero();
            try (LoadBalancer again = Balancers.tcp(NettyEngine.on(group), Balancers.unchecked(server))
                            .start();
                    Client third = Client.to(again, "front")) {
                assertThat(third.echoes("and again")).isTrue();
            }
        } finally {
            Groups.end(group);
        }
    }

    @ParameterizedTest
    @MethodSource("handlers")
    void connectionsStillOpenAreResetWhenTheBalancerEnds(String transport, IoHandlerFactory handlers) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, handlers);
        try (ManualServer server = new ManualServer()) {
            LoadBalancer lb = Balancers.tcp(NettyEngine.on(group), Balancers.unchecked(server.id()))
                    .start();
            assertThat(lb.snapshot().transport()).isEqualTo(transport);
            try (Client client = Client.to(lb, "front").send("x");
                    Client accepted = server.accept()) {
                assertThat(accepted.read(1)).isEqualTo("x");
                assertThat(lb.shutdown(Duration.ZERO).toCompletableFuture()).succeedsWithin(Duration.ofSeconds(10));
                assertThat(client.end()).isEqualTo(End.RESET);
                assertThat(accepted.end()).isEqualTo(End.RESET);
            }
            assertThat(Groups.planned(group)).isZero();
        } finally {
            Groups.end(group);
        }
    }

    @ParameterizedTest
    @MethodSource("handlers")
    void aBalancerEndsThoughItsGroupEndedBefore(String transport, IoHandlerFactory handlers) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, handlers);
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(NettyEngine.on(group), Balancers.checked(Balancers.QUICK, server.id()))
                        .start();
                Client client = Client.to(lb, "front")) {
            assertThat(lb.snapshot().transport()).isEqualTo(transport);
            assertThat(client.echoes("hello")).isTrue();
            Groups.end(group);
        }
        assertThat(Balancers.threads("test")).isEmpty();
    }

    @Test
    void withOurHandlersEpollKeepsHalfClosedConnectionsOpen() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NettyEngine.epollHandlers());
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(NettyEngine.on(group), Balancers.unchecked(server.id()))
                        .start();
                Client client = Client.to(lb, "front").finish();
                Client accepted = server.accept()) {
            assertThat(lb.snapshot().transport()).isEqualTo("epoll");
            assertThat(accepted.end()).isEqualTo(End.FIN);
            CompletableFuture<Long> sent = Beside.call(() -> {
                long sum = Bulk.send(accepted.socket().getOutputStream(), 8 << 20, 12);
                accepted.finish();
                return sum;
            });
            assertThat(Bulk.receive(client.socket().getInputStream())).isEqualTo(sent.get());
        } finally {
            Groups.end(group);
        }
    }

    @Test
    @SuppressWarnings("deprecation") // Netty's own word for it; applications have it still
    void aGroupWithoutSocketsIsRefused() {
        EventLoopGroup group = new DefaultEventLoopGroup(1);
        assertThatThrownBy(() -> Balancers.tcp(NettyEngine.on(group), g -> {}).start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("io.netty.channel.DefaultEventLoopGroup")
                .hasMessageContaining("expected: a MultiThreadIoEventLoopGroup on epoll, kqueue, io_uring or NIO");
        Groups.end(group);
    }

    @Test
    void aNumberOfThreadsOutOfRangeIsRefused() {
        assertThatThrownBy(() ->
                        Balancers.tcp(NettyEngine.nio().threads(0), g -> {}).start())
                .hasMessageContaining("threads: 0 (expected: 1 to 1,024)");
    }
}
