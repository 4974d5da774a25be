package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clb.LoadBalancer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an application does from within the balancer's own calls. */
@ExtendWith(LeakCheck.class)
final class AfterwardsTest {

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whatFollowsAShutdownMayCloseAndFindsNoThread(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo()) {
            LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                    .name("afterwards")
                    .start();
            long threads = lb.shutdown(Duration.ZERO)
                    .thenApply(ended -> {
                        lb.close();
                        return Balancers.threads("afterwards").stream()
                                .filter(name -> !name.endsWith("-closed"))
                                .count();
                    })
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
            assertThat(threads).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aShorterShutdownShortensALongerOne(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start();
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("open")).isTrue();
            lb.shutdown(Duration.ofMinutes(10));
            lb.shutdown(Duration.ZERO).toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(client.end()).isEqualTo(End.RESET);
        }
    }

    @Test
    void startingOnALoopThatTheBalancerIsToUseIsRefused() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (TestServer server = TestServer.echo()) {
            assertThatThrownBy(() -> group.submit(
                                    () -> Balancers.tcp(NettyEngine.on(group), Balancers.unchecked(server))
                                            .start())
                            .get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("start on another thread");
        } finally {
            group.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS).awaitUninterruptibly();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anUpdateInsideAnUpdateIsRefusedAndChangesNothing(NettyEngine engine) {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start()) {
            assertThatThrownBy(() -> lb.update(outer -> lb.update(inner -> inner.removeListener("front"))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("update inside an update");
            assertThat(lb.config().listeners()).containsKey("front");
        }
    }
}
