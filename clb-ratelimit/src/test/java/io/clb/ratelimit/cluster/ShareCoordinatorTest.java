package io.clb.ratelimit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.ratelimit.Parts;
import io.clb.spi.ClusterSettings;
import io.clb.spi.ClusterTransport;
import io.clb.spi.Division;
import io.clb.spi.WhenAlone;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Coordinators with threads and clocks of their own, on a network in memory. */
class ShareCoordinatorTest {

    private final Hub hub = new Hub();
    private final List<ShareCoordinator> coordinators = new ArrayList<>();
    private final Queue<String> told = new ConcurrentLinkedQueue<>();

    /** A limit of 1,000 a second; each look at its counters finds as many refused as make its demand. */
    private static final class RunningLimit implements SharedLimit {
        final AtomicLong refused = new AtomicLong();
        volatile boolean wanted;
        volatile long parts;

        @Override
        public double totalPerSecond() {
            return 1_000;
        }

        @Override
        public long admitted() {
            return 0;
        }

        @Override
        public long refused() {
            return wanted ? refused.addAndGet(1_000) : refused.get();
        }

        @Override
        public boolean isElastic() {
            return false;
        }

        @Override
        public void move(long parts, long untilNanos, long partsAfter, long nowNanos) {
            this.parts = parts;
        }

        @Override
        public void open() {
            throw new AssertionError("it is EVEN for who is alone");
        }

        double share() {
            return (double) parts / Parts.WHOLE;
        }
    }

    private final class Told implements ClusterEvents {
        @Override
        public void connected() {
            told.add("connected");
        }

        @Override
        public void disconnected(String why) {
            told.add(why);
        }

        @Override
        public void changed(ClusterView before, ClusterView now) {
            if (before.present() != now.present()) {
                told.add(now.node() + " sees " + now.present() + " of " + now.nodes());
            }
        }

        @Override
        public void failed(Throwable failure) {
            told.add(failure.toString());
        }
    }

    private ShareCoordinator start(String node, ClusterTransport transport) {
        ShareCoordinator coordinator = ShareCoordinator.start(
                new ClusterSettings(node, 3, ClusterSettings.INTERVAL, WhenAlone.EVEN),
                transport,
                new Told(),
                System::nanoTime,
                Instant.now());
        coordinators.add(coordinator);
        return coordinator;
    }

    private ShareCoordinator start(String node, RunningLimit limit) {
        ShareCoordinator coordinator = start(node, hub.line());
        coordinator.share("qps", limit, Division.ADAPTIVE);
        return coordinator;
    }

    @AfterEach
    void close() {
        coordinators.forEach(ShareCoordinator::close);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("clb-cluster-"));
    }

    @Test
    void whoWantsAllHasNearlyAllAndFallsBackWhereTheNetworkIsDown() {
        RunningLimit a = new RunningLimit();
        RunningLimit b = new RunningLimit();
        RunningLimit c = new RunningLimit();
        start("a", a);
        start("b", b);
        start("c", c);
        a.wanted = true;
        await().until(() -> a.share() > 0.95);
        assertThat(a.share() + b.share() + c.share()).isLessThanOrEqualTo(1);

        hub.takeDown();
        await().until(() -> a.share() < 0.51);
        await().until(() -> b.share() > 0.49);
        hub.putUp();
        await().until(() -> a.share() > 0.95);

        assertThat(told).contains("the hub is down", "connected", "a sees 3 of 3");
    }

    @Test
    void tellsWhoIsThereAndForgetsWhoWillNotComeBack() {
        ShareCoordinator a = start("a", new RunningLimit());
        ShareCoordinator b = start("b", new RunningLimit());
        ShareCoordinator c = start("c", new RunningLimit());
        await().until(() -> a.view().present() == 3);
        assertThat(a.view().others()).extracting(ClusterView.Node::name).containsExactlyInAnyOrder("b", "c");
        assertThat(a.view().shares()).containsOnlyKeys("qps");

        c.close();
        await().until(() -> a.view().nodes() == 2 && b.view().nodes() == 2);
        hub.down = true;
        await().until(() -> a.view().present() == 1);
        assertThat(a.forget("nobody").toCompletableFuture().join()).isFalse();
        assertThat(a.forget("b").toCompletableFuture().join()).isTrue();
        await().until(() -> a.view().nodes() == 1);
    }

    @Test
    void permitsAreLeasedWhereTheTransportHasThemAndADivisionCanBeChanged() {
        RunningLimit a = new RunningLimit();
        RunningLimit b = new RunningLimit();
        ShareCoordinator first = start("a", a);
        ShareCoordinator second = start("b", b);
        start("c", new RunningLimit());
        a.wanted = true;
        for (Division division : List.of(Division.LEASED, Division.ADAPTIVE, Division.LEASED)) {
            first.share("qps", a, division);
            second.share("qps", b, division);
            await().until(() -> a.share() > 0.6);
            first.share("qps", a, Division.EVEN);
            await().until(() -> Math.abs(a.share() - 0.5) < 0.001);
        }
        first.share("qps", a, Division.LEASED);
        await().until(() -> a.share() > 0.6);
        hub.down = true;
        await().until(() -> first.unanswered() > 0);
        await().until(() -> Math.abs(a.share() - 0.5) < 0.001);
    }

    @Test
    void permitsAreNotLeasedOverATransportWithoutThem() {
        ShareCoordinator a = start("a", hub.plainLine());

        assertThatThrownBy(() -> a.share("qps", new RunningLimit(), Division.LEASED))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("division: LEASED (expected: EVEN or ADAPTIVE");
    }

    @Test
    void whoIsAskedAfterItIsClosedSaysSo() {
        ShareCoordinator a = start("a", new RunningLimit());
        a.close();

        assertThat(a.forget("b").toCompletableFuture().join()).isFalse();
        a.withdraw("qps");
    }

    @Test
    void whatIsNoReportIsCountedAndALimitCanBeTakenAway() {
        RunningLimit limit = new RunningLimit();
        ShareCoordinator a = start("a", limit);
        await().until(() -> a.view().shares().containsKey("qps"));
        hub.send(new byte[] {1, 2, 3});
        assertThat(a.strange()).isEqualTo(1);
        assertThat(a.lost()).isZero();

        a.withdraw("qps");
        await().until(() -> a.view().shares().isEmpty());
    }
}
