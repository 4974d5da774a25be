package io.clb.ratelimit.cluster;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clb.spi.ClusterSettings;
import io.clb.spi.Division;
import io.clb.spi.WhenAlone;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Up to four nodes on a network that loses nothing and takes no time, unless a node is cut off. */
class ShareExchangeTest {

    private static final Offset<Double> ABOUT = within(0.001);
    private static final long STEP = TimeUnit.MILLISECONDS.toNanos(5);

    /** So much as nobody has. */
    private static final long OLD = TimeUnit.HOURS.toNanos(1);

    private final List<Node> nodes = new ArrayList<>();
    private long now = 1_000_000;

    private static final class Node {
        final FakeLimit limit = new FakeLimit();
        ShareExchange exchange;
        boolean cutOff;

        /** Permits a second that are wanted. */
        long wanted;

        Node(ShareExchange exchange) {
            this.exchange = exchange;
        }
    }

    private Node start(String name, int expected, WhenAlone whenAlone, Division division) {
        Node node = new Node(exchange(name, expected, whenAlone, OLD));
        node.exchange.add("qps", node.limit, division, now);
        nodes.add(node);
        return node;
    }

    private Node start(String name) {
        return start(name, 4, WhenAlone.EVEN, Division.ADAPTIVE);
    }

    private ShareExchange exchange(String name, int expected, WhenAlone whenAlone, long upNanos) {
        return new ShareExchange(
                new ClusterSettings(name, expected, ClusterSettings.INTERVAL, whenAlone), now, upNanos, now);
    }

    private void startAll() {
        for (String name : List.of("a", "b", "c", "d")) {
            start(name);
        }
        run(300);
    }

    private void run(long millis) {
        for (long end = now + TimeUnit.MILLISECONDS.toNanos(millis); now < end; now += STEP) {
            for (Node node : nodes) {
                node.limit.admitted += node.wanted * STEP / TimeUnit.SECONDS.toNanos(1);
                if (node.exchange.dueNanos() <= now) {
                    send(node, node.exchange.report(now));
                }
            }
        }
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

    private double sum() {
        return nodes.stream().mapToDouble(node -> node.limit.share(now)).sum();
    }

    @Test
    void nodesThatWantNothingHaveTheSame() {
        startAll();

        assertThat(List.of(share(0), share(1), share(2), share(3)))
                .allSatisfy(share -> assertThat(share).isCloseTo(0.25, ABOUT));
    }

    @Test
    void whoStaysAloneHasWhatTheProductGives() {
        start("a");
        assertThat(share(0)).isCloseTo(0.25, ABOUT);

        run(1_700);

        assertThat(share(0)).isCloseTo(1.0 / 3, ABOUT);
    }

    @Test
    void oneThatWantsAllHasNearlyAllAndTheOthersCanStartAtOnce() {
        startAll();
        nodes.get(2).wanted = 2_000;
        run(500);

        assertThat(share(2)).isGreaterThan(0.95);
        assertThat(share(0)).isGreaterThan(0.005);
        assertThat(sum()).isLessThanOrEqualTo(1);
    }

    @Test
    void oneThatWasAloneInItsWishesGivesBackWhenOthersWantTheirs() {
        startAll();
        nodes.get(2).wanted = 2_000;
        run(1_000);
        nodes.forEach(node -> node.wanted = 2_000);
        run(500);

        assertThat(List.of(share(0), share(1), share(2), share(3)))
                .allSatisfy(share -> assertThat(share).isCloseTo(0.25, ABOUT));
    }

    @Test
    void wishesBelowTheFairShareAreMet() {
        startAll();
        nodes.get(0).wanted = 200;
        nodes.get(1).wanted = 2_000;
        nodes.get(2).wanted = 2_000;
        run(500);

        assertThat(share(0)).isGreaterThanOrEqualTo(0.2);
        assertThat(share(1)).isGreaterThan(0.35);
        assertThat(share(1)).isCloseTo(share(2), ABOUT);
    }

    @Test
    void whoeverWaitsForBandwidthIsTakenToWantAll() {
        startAll();
        Node node = nodes.get(1);
        node.limit.elastic = true;
        node.wanted = 10;
        for (int i = 0; i < 10; i++) {
            node.limit.refused++;
            run(100);
        }

        assertThat(share(1)).isGreaterThan(0.95);
    }

    @Test
    void oneThatIsCutOffFallsBackBeforeTheOthersTakeItsPart() {
        startAll();
        Node hot = nodes.get(0);
        hot.wanted = 2_000;
        nodes.get(1).wanted = 2_000;
        run(1_000);
        hot.wanted = 0;
        hot.cutOff = true;
        double most = 0;
        for (int i = 0; i < 60; i++) {
            run(50);
            most = Math.max(most, sum());
        }

        assertThat(most).isLessThanOrEqualTo(4.0 / 3);
        assertThat(share(0)).isCloseTo(1.0 / 3, ABOUT);
        assertThat(share(1) + share(2) + share(3)).isCloseTo(1, ABOUT);
        hot.cutOff = false;
        run(1_000);
        assertThat(sum()).isCloseTo(1, ABOUT);
    }

    /** Nothing runs on a frozen node, and its clock goes on. */
    @Test
    void oneThatWasFrozenFindsItselfWithoutWhatItHadBorrowed() {
        startAll();
        Node hot = nodes.get(0);
        hot.wanted = 2_000;
        run(1_000);
        assertThat(hot.limit.share(now)).isGreaterThan(0.9);

        assertThat(hot.limit.share(now + TimeUnit.SECONDS.toNanos(1))).isCloseTo(0.25, ABOUT);
    }

    @Test
    void whereTheEngineIsAwayEachHasWhatTheProductGivesAndRecovers() {
        startAll();
        nodes.get(0).wanted = 2_000;
        run(1_000);
        nodes.forEach(node -> {
            node.cutOff = true;
            node.exchange.disconnected(now);
        });

        assertThat(share(0)).isCloseTo(1.0 / 3, ABOUT);
        run(1_200);
        assertThat(share(1)).isCloseTo(1.0 / 3, ABOUT);
        nodes.forEach(node -> node.cutOff = false);
        run(1_000);
        assertThat(sum()).isLessThanOrEqualTo(1);
        assertThat(share(0)).isGreaterThan(0.95);
    }

    @Test
    void anotherRuleCanHoldForWhoIsAlone() {
        Node open = start("a", 4, WhenAlone.OPEN, Division.ADAPTIVE);
        Node closed = start("b", 4, WhenAlone.CLOSED, Division.ADAPTIVE);
        open.cutOff = true;
        run(1_700);
        assertThat(open.limit.open).isTrue();
        assertThat(closed.limit.share(now)).isZero();

        open.cutOff = false;
        run(200);

        assertThat(open.limit.open).isFalse();
        assertThat(open.limit.share(now)).isCloseTo(1.0 / 3, ABOUT);
        assertThat(closed.limit.share(now)).isCloseTo(1.0 / 3, ABOUT);
    }

    @Test
    void oneThatLeavesIsDividedWithoutAndOneThatIsSilentIsNot() {
        startAll();
        Node leaving = nodes.get(3);
        send(leaving, leaving.exchange.leave());
        nodes.remove(leaving);
        run(200);
        assertThat(nodes.get(0).exchange.nodes()).isEqualTo(3);
        assertThat(share(0)).isCloseTo(1.0 / 3, ABOUT);

        nodes.remove(2);
        run(2_000);
        assertThat(nodes.get(0).exchange.nodes()).isEqualTo(3);
        assertThat(share(0)).isCloseTo(1.0 / 2, ABOUT);
    }

    @Test
    void oneThatIsForgottenIsSoEverywhereAndBelongsAgainWhenItComesBack() {
        startAll();
        Node cut = nodes.get(3);
        cut.cutOff = true;
        assertThat(nodes.get(0).exchange.forget("d", now))
                .as("it is not silent yet")
                .isFalse();
        run(2_000);
        assertThat(nodes.get(0).exchange.forget("nobody", now)).isFalse();
        assertThat(nodes.get(0).exchange.forget("d", now)).isTrue();
        run(200);
        assertThat(nodes.get(2).exchange.nodes()).isEqualTo(3);

        cut.cutOff = false;
        run(1_000);
        assertThat(nodes.get(2).exchange.nodes()).isEqualTo(4);
        assertThat(share(3)).isCloseTo(0.25, ABOUT);
    }

    /** Others take back what they lent it as soon as they hear of its new life. */
    @Test
    void oneThatHearsThatItWasForgottenUsesNothingOfWhatItBorrowed() {
        startAll();
        nodes.get(0).wanted = 2_000;
        run(1_000);
        Report report = nodes.get(1).exchange.report(now);
        long life = requireNonNull(report.heard().get("a")).life();
        nodes.get(0)
                .exchange
                .received(
                        new Report(
                                report.node(),
                                report.life(),
                                report.number(),
                                false,
                                report.roster(),
                                report.heard(),
                                Map.of("a", life),
                                report.claims()),
                        now);

        assertThat(share(0)).isCloseTo(0.25, ABOUT);
        run(1_500);
        assertThat(share(0)).isGreaterThan(0.95);
    }

    /** What it has lent in its life before is in use still. */
    @Test
    void oneThatStartsAgainSoonHasLittleUntilItsLoansAreOver() {
        startAll();
        nodes.get(0).wanted = 2_000;
        run(1_000);
        Node again = nodes.get(1);
        again.exchange = exchange("b", 4, WhenAlone.EVEN, 0);
        again.exchange.add("qps", again.limit, Division.ADAPTIVE, now);
        assertThat(sum()).isLessThanOrEqualTo(4.0 / 3);
        assertThat(share(1)).isLessThan(0.02);

        run(1_500);

        assertThat(sum()).isLessThanOrEqualTo(1);
        assertThat(share(0)).isGreaterThan(0.95);
    }

    @Test
    void aLimitThatIsTakenAwayAndSetAgainRemembersWhatItHasLent() {
        startAll();
        nodes.get(0).wanted = 2_000;
        run(1_000);
        Node lender = nodes.get(1);
        lender.exchange.remove("qps", now);
        lender.exchange.add("qps", lender.limit, Division.ADAPTIVE, now);

        assertThat(sum()).isLessThanOrEqualTo(1);
    }

    @Test
    void evenByMembershipIsTheProductsRuleForThoseThatAreKnown() {
        for (String name : List.of("a", "b", "c")) {
            start(name, 1, WhenAlone.EVEN, Division.EVEN);
        }
        assertThat(share(0)).isEqualTo(1);
        run(200);
        assertThat(share(0)).isEqualTo(0.5);

        start("d", 1, WhenAlone.EVEN, Division.EVEN).wanted = 2_000;
        run(500);

        assertThat(List.of(share(0), share(1), share(2), share(3)))
                .allSatisfy(share -> assertThat(share).isCloseTo(1.0 / 3, ABOUT));
    }

    @Test
    void aModeCanChangeOneNodeAfterTheOther() {
        startAll();
        nodes.get(0).wanted = 2_000;
        run(1_000);
        for (Node node : nodes) {
            node.exchange.add("qps", node.limit, Division.EVEN, now);
            assertThat(sum()).isLessThanOrEqualTo(4.0 / 3);
            run(50);
        }
        run(1_200);
        assertThat(share(0)).isCloseTo(1.0 / 3, ABOUT);

        for (Node node : nodes) {
            node.exchange.add("qps", node.limit, Division.ADAPTIVE, now);
            run(50);
        }
        run(1_000);
        assertThat(share(0)).isGreaterThan(0.95);
    }

    /** Three in two intervals, and what was saved up. */
    @Test
    void demandThatComesAndGoesAllTheTimeDoesNotHurryReportsForEver() {
        startAll();
        long before = nodes.get(0).exchange.report(now).number();
        for (int i = 0; i < 100; i++) {
            nodes.get(i % 4).wanted = 2_000;
            run(100);
            nodes.get(i % 4).wanted = 0;
        }

        assertThat(nodes.get(0).exchange.report(now).number() - before).isBetween(100L, 165L);
    }

    @Test
    void moreNamesThanThereMayBeNodesAreLeftOut() {
        Node node = start("a");
        Map<String, Report.Heard> strangers = new HashMap<>();
        for (int i = 0; i < 11_000; i++) {
            strangers.put("stranger-" + i, Report.Heard.NOTHING);
        }
        node.exchange.received(new Report("b", 1, 1, false, 0, strangers, Map.of(), Map.of()), now);

        assertThat(node.exchange.nodes()).isEqualTo(Membership.MAX_NODES);
        assertThat(node.exchange.view(now).leftOut()).isPositive();
        node.exchange.report(now);
        assertThat(share(0)).isPositive();
    }

    @Test
    void whoIsNewIsHeardOfThroughOthersToo() {
        startAll();
        nodes.get(3).cutOff = true;
        Node late = start("e");
        run(300);

        assertThat(late.exchange.nodes()).isEqualTo(5);
        assertThat(nodes.get(0).exchange.nodes()).isEqualTo(5);
    }
}
