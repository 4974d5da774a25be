package io.clb.ratelimit.cluster;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clb.ratelimit.Parts;
import io.clb.spi.ClusterSettings;
import io.clb.spi.Division;
import io.clb.spi.PermitBuckets.Answer;
import io.clb.spi.WhenAlone;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Up to four nodes whose limit is leased: reports take no time, asks the time of a step to the store and back. */
class LeasedExchangeTest {

    private static final Offset<Double> ABOUT = within(0.002);
    private static final long STEP = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long OLD = TimeUnit.HOURS.toNanos(1);

    /** A 32nd of a fourth. */
    private static final double KEPT = 1.0 / 128;

    private final List<Node> nodes = new ArrayList<>();
    private final PermitPool pool = new PermitPool();
    private final Deque<Runnable> underWay = new ArrayDeque<>();
    private long now = TimeUnit.SECONDS.toNanos(1);

    /** What the store does with asks. */
    private Store store = Store.WORKS;

    private int asks;

    private enum Store {
        WORKS,
        /** Does what it is asked, and the answer is lost. */
        MUTE,
        /** Does nothing, for now. */
        FROZEN,
        /** Says at once that it cannot be reached. */
        AWAY
    }

    private static final class Node {
        final FakeLimit limit = new FakeLimit();
        final ShareExchange exchange;
        boolean cutOff;
        boolean frozen;
        double wanted;
        double came;
        long depositedNanos;

        @Nullable
        NumberedAsk last;

        Node(ShareExchange exchange) {
            this.exchange = exchange;
        }
    }

    private Node start(String name, Division division, WhenAlone whenAlone, long upNanos) {
        Node node = new Node(new ShareExchange(
                new ClusterSettings(name, 4, ClusterSettings.INTERVAL, whenAlone), now, upNanos, now));
        node.exchange.add("qps", node.limit, division, now);
        nodes.add(node);
        return node;
    }

    private Node start(String name) {
        return start(name, Division.LEASED, WhenAlone.EVEN, OLD);
    }

    private void startAll() {
        for (String name : List.of("a", "b", "c", "d")) {
            start(name);
        }
        run(300);
    }

    private void run(long millis) {
        for (long end = now + TimeUnit.MILLISECONDS.toNanos(millis); now < end; now += STEP) {
            for (int left = store == Store.FROZEN ? 0 : underWay.size(); left > 0; left--) {
                underWay.remove().run();
            }
            for (Node node : nodes) {
                if (!node.frozen) {
                    take(node);
                }
            }
        }
    }

    private void take(Node node) {
        node.came += node.wanted * STEP / TimeUnit.SECONDS.toNanos(1);
        node.limit.admitted += (long) node.came;
        node.came -= (long) node.came;
        if (node.exchange.dueNanos() <= now) {
            send(node, node.exchange.report(now));
        }
        if (node.exchange.askNanos(now) <= now) {
            NumberedAsk ask = node.exchange.ask(now);
            if (ask != null) {
                node.last = ask;
                node.depositedNanos = ask.ask().wants().isEmpty() ? node.depositedNanos : now;
                asks++;
                ask(node, ask);
            }
        }
    }

    private void ask(Node node, NumberedAsk ask) {
        if (store == Store.AWAY || node.cutOff) {
            node.exchange.answered(ask.number(), null, now);
            return;
        }
        underWay.add(() -> {
            Answer answer = pool.ask(ask.ask(), TimeUnit.NANOSECONDS.toMicros(now) + 5_000_000);
            if (store == Store.WORKS) {
                underWay.add(() -> node.exchange.answered(ask.number(), answer, now));
            }
        });
    }

    private void send(Node from, Report report) {
        for (Node to : nodes) {
            if (!from.cutOff && !to.cutOff) {
                to.exchange.received(report, now);
            }
        }
    }

    private double share(int node) {
        return nodes.get(node).limit.share(now);
    }

    /** Over some time. */
    private double average(int node, int millis) {
        double sum = 0;
        for (int i = 0; i < millis; i++) {
            run(1);
            sum += share(node);
        }
        return sum / millis;
    }

    private double millisSinceDeposit(int node) {
        return (now - nodes.get(node).depositedNanos) / 1e6;
    }

    private boolean isDepositing(int node) {
        return !requireNonNull(nodes.get(node).last).ask().wants().isEmpty();
    }

    @Test
    void oneThatWantsAllHasNearlyAllAndTheOthersCanStartAtOnce() {
        startAll();
        nodes.get(2).wanted = 2_000;
        run(300);

        assertThat(average(2, 200)).isBetween(0.95, 1.0);
        assertThat(share(0)).isCloseTo(KEPT, ABOUT);
    }

    @Test
    void thoseWhoWantTheSameHaveTheSame() {
        startAll();
        nodes.forEach(node -> node.wanted = 2_000);
        run(300);

        double[] sums = new double[4];
        for (int i = 0; i < 1_000; i++) {
            run(1);
            for (int node = 0; node < sums.length; node++) {
                sums[node] += share(node) / 1_000;
            }
        }
        assertThat(sums).containsExactly(new double[] {0.25, 0.25, 0.25, 0.25}, within(0.02));
    }

    @Test
    void idleNodesAskOnceInAnIntervalAndBusyOnesFourTimes() {
        startAll();
        asks = 0;
        run(1_000);
        assertThat(asks).isBetween(4 * 9, 4 * 13);

        nodes.get(0).wanted = 2_000;
        run(200);
        asks = 0;
        run(1_000);
        assertThat(asks).isBetween(40 + 25, 40 + 40);
    }

    @Test
    void beforeTheFirstAnswerAndAfterALeaseWithoutOneANodeHasItsPart() {
        store = Store.AWAY;
        for (String name : List.of("a", "b", "c", "d")) {
            start(name);
        }
        assertThat(share(0)).isCloseTo(0.25, ABOUT);
        run(100);
        assertThat(share(0)).isCloseTo(0.25, ABOUT);

        store = Store.WORKS;
        run(300);
        assertThat(share(0)).isCloseTo(KEPT, ABOUT);

        store = Store.AWAY;
        run(250);
        assertThat(share(0)).as("others may use it").isCloseTo(KEPT, ABOUT);
        run(300);
        assertThat(share(0)).isCloseTo(0.25, ABOUT);
    }

    @Test
    void aPartComesBackALeaseAndATwentiethAfterTheLastAskThatMayHaveDepositedIt() {
        startAll();
        nodes.get(0).wanted = 2_000;
        run(100);
        store = Store.MUTE;
        run(60);
        while (share(0) < 0.2) {
            assertThat(millisSinceDeposit(0)).isLessThan(450);
            run(1);
        }
        assertThat(millisSinceDeposit(0)).isGreaterThanOrEqualTo(420);
    }

    @Test
    void whoIsCutOffHasWhatTheProductGives() {
        startAll();
        nodes.get(0).cutOff = true;
        run(2_000);
        assertThat(share(0)).isCloseTo(1.0 / 3, ABOUT);

        nodes.get(1).wanted = 2_000;
        run(300);
        assertThat(average(1, 200)).as("three parts of a third").isBetween(0.95, 1.0);
        nodes.get(2).cutOff = true;
        run(2_000);
        assertThat(average(1, 200)).as("two parts of a third").isBetween(0.63, 0.67);
    }

    @Test
    void afterAnAskThatIsNotAnsweredNothingIsDepositedUntilTheTimeIs() {
        startAll();
        nodes.get(0).wanted = 2_000;
        run(100);
        store = Store.MUTE;
        run(110);
        assertThat(isDepositing(0)).isFalse();
        assertThat(share(0)).isCloseTo(KEPT, ABOUT);
        run(500);
        assertThat(isDepositing(0)).isFalse();
        assertThat(share(0)).as("its deposit is over").isGreaterThan(0.24);
        assertThat(nodes.get(0).exchange.unanswered()).isGreaterThan(5);

        store = Store.WORKS;
        run(300);
        assertThat(isDepositing(0)).isTrue();
        assertThat(average(0, 200)).isGreaterThan(0.95);
    }

    @Test
    void whatAFrozenStoreDoesLaterIsUsedByNobody() {
        startAll();
        nodes.get(0).wanted = 2_000;
        run(300);
        store = Store.FROZEN;
        run(60);
        assertThat(share(0)).isCloseTo(KEPT, ABOUT);
        run(440);
        store = Store.WORKS;
        run(2);
        assertThat(share(0)).isLessThan(0.34);
    }

    /** Until an ask is under way. */
    private void runToAsk(int node) {
        int before = asks;
        while (asks == before || !isDepositing(node)) {
            run(1);
        }
    }

    private Answer rich() {
        return new Answer(TimeUnit.NANOSECONDS.toMicros(now), List.of(50_000_000L));
    }

    @Test
    void anAnswerToAnotherAskDoesNothing() {
        Node a = start("a");
        a.wanted = 2_000;
        run(200);
        NumberedAsk first = requireNonNull(a.last);
        runToAsk(0);
        double share = share(0);
        a.exchange.answered(first.number(), rich(), now);
        assertThat(share(0)).isEqualTo(share);
    }

    @Test
    void anAnswerForALimitThatIsLeasedNoMoreDoesNotMoveIt() {
        Node a = start("a");
        a.wanted = 2_000;
        run(200);
        runToAsk(0);
        a.exchange.remove("qps", now);
        int moves = a.limit.moves;
        a.exchange.answered(requireNonNull(a.last).number(), rich(), now);
        run(100);
        assertThat(a.limit.moves).isEqualTo(moves);
        assertThat(a.exchange.view(now).shares()).isEmpty();
    }

    @Test
    void aTimeThatComesTooLateIsNotTrusted() {
        Node a = start("a");
        NumberedAsk time = requireNonNull(a.exchange.ask(now));
        a.exchange.answered(time.number(), new Answer(1, List.of()), now + 51 * STEP);
        NumberedAsk again = requireNonNull(a.exchange.ask(now + 60 * STEP));
        assertThat(again.ask().wants()).isEmpty();
        a.exchange.answered(again.number(), new Answer(1, List.of()), now + 109 * STEP);
        assertThat(requireNonNull(a.exchange.ask(now + 120 * STEP)).ask().wants())
                .isNotEmpty();
    }

    @Test
    void whoIsRefusedHasDepositedNothing() {
        Node a = start("a");
        NumberedAsk time = requireNonNull(a.exchange.ask(now));
        a.exchange.answered(time.number(), new Answer(1, List.of()), now);
        NumberedAsk ask = requireNonNull(a.exchange.ask(now));
        assertThat(share(0)).isCloseTo(KEPT, ABOUT);
        a.exchange.answered(ask.number(), new Answer(1_000_000_000, List.of()), now);
        assertThat(share(0)).isCloseTo(0.25, ABOUT);
        assertThat(requireNonNull(a.exchange.ask(now)).ask().wants()).isEmpty();
    }

    @Test
    void aProcessThatWasFrozenFindsItselfWithoutItsBatch() {
        startAll();
        nodes.get(0).wanted = 2_000;
        run(300);
        nodes.get(0).frozen = true;
        run(51);
        assertThat(share(0)).isCloseTo(KEPT, ABOUT);
    }

    @Test
    void aStoreThatFailsOverAndOverIsTrustedLess() {
        startAll();
        nodes.forEach(node -> node.wanted = 2_000);
        for (int i = 0; i < 4; i++) {
            store = Store.WORKS;
            while (!isDepositing(0)) {
                run(5);
            }
            store = Store.MUTE;
            run(80);
        }
        store = Store.WORKS;
        run(500);
        double share = average(0, 300);
        assertThat(share).as("its own").isCloseTo(0.25, within(0.01));
        assertThat(isDepositing(0)).isFalse();
        run(8_000);
        assertThat(isDepositing(0)).isTrue();
        run(8_000);
        store = Store.MUTE;
        run(110);
        assertThat(isDepositing(0)).isFalse();
        run(490);
        assertThat(share(0)).isGreaterThan(0.24);
        store = Store.WORKS;
        run(300);
        assertThat(isDepositing(0)).as("it worked long enough").isTrue();
    }

    @Test
    void aRestartedNodeLeavesItsPartAloneUntilNobodyCanUseIt() {
        startAll();
        nodes.remove(0);
        start("a", Division.LEASED, WhenAlone.EVEN, TimeUnit.MILLISECONDS.toNanos(200));
        assertThat(share(3)).isLessThan(0.02);
        run(800);
        assertThat(nodes.get(3).last).isNull();
        assertThat(share(3)).isLessThan(0.02);
        run(200);
        assertThat(isDepositing(3)).isTrue();
    }

    @Test
    void whoIsAloneDoesWhatItIsTold() {
        store = Store.AWAY;
        start("a", Division.LEASED, WhenAlone.OPEN, OLD);
        run(1_700);
        assertThat(nodes.get(0).limit.open).isTrue();
        nodes.clear();
        start("b", Division.LEASED, WhenAlone.CLOSED, OLD);
        run(1_700);
        assertThat(share(0)).isZero();
        store = Store.WORKS;
        nodes.get(0).wanted = 2_000;
        run(300);
        assertThat(share(0)).isZero();
    }

    @Test
    void fromAdaptiveToLeasedNothingIsDepositedWhileItIsLent() {
        for (String name : List.of("a", "b", "c", "d")) {
            start(name, Division.ADAPTIVE, WhenAlone.EVEN, OLD);
        }
        nodes.get(0).wanted = 2_000;
        run(500);
        assertThat(share(0)).isGreaterThan(0.95);
        Node lender = nodes.get(1);
        nodes.get(0).frozen = true;
        lender.exchange.add("qps", lender.limit, Division.LEASED, now);
        run(1_000);
        assertThat(lender.last == null || lender.last.ask().wants().isEmpty()).isTrue();
        assertThat(share(1)).isLessThan(0.02);
        run(150);
        assertThat(isDepositing(1)).isTrue();
    }

    @Test
    void fromLeasedToAnotherDivisionAPartIsNotUsedWhileItIsDeposited() {
        startAll();
        for (Division division : List.of(Division.EVEN, Division.ADAPTIVE)) {
            Node a = nodes.get(0);
            a.exchange.add("qps", a.limit, division, now);
            assertThat(share(0)).isLessThan(0.011);
            run(300);
            assertThat(share(0)).isLessThan(0.011);
            run(250);
            assertThat(share(0)).isGreaterThan(0.24);
            a.exchange.add("qps", a.limit, Division.LEASED, now);
            run(300);
            assertThat(share(0)).isCloseTo(KEPT, ABOUT);
        }
    }

    @Test
    void theViewTellsWhatIsDepositedAndWhatWasGranted() {
        startAll();
        nodes.get(0).wanted = 2_000;
        run(300);
        ClusterView.Share share =
                requireNonNull(nodes.get(0).exchange.view(now).shares().get("qps"));
        assertThat(part(share.own())).isCloseTo(KEPT, ABOUT);
        assertThat(part(share.borrowed())).isGreaterThan(0.9);
        assertThat(part(share.lent())).isCloseTo(0.25 - KEPT, ABOUT);
        assertThat(part(share.demand())).isCloseTo(1, ABOUT);
    }

    private static double part(long parts) {
        return (double) parts / Parts.WHOLE;
    }
}
