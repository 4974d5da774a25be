package io.clb.ratelimit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.PermitBuckets.Ask;
import io.clb.spi.PermitBuckets.Want;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A bucket of four nodes, whose interval is 100 ms and whose lease 400 ms. */
class PermitPoolTest {

    private static final long MILLI = 1_000;
    private static final long INTERVAL = 100 * MILLI;
    private static final long LEASE = 400 * MILLI;
    private static final long FULL = 50_000_000;
    private static final long ALL = Long.MAX_VALUE;

    private final PermitPool pool = new PermitPool();
    private long now = 1_000_000_000;

    @BeforeEach
    void allDeposit() {
        deposit("a", "b", "c", "d");
    }

    private void deposit(String... nodes) {
        for (String node : nodes) {
            ask(node, 0);
        }
    }

    private List<Long> ask(String node, long wanted, long sent) {
        return pool.ask(new Ask(node, sent, 4, INTERVAL, LEASE, List.of(new Want("qps", wanted))), now)
                .granted();
    }

    private long ask(String node, long wanted) {
        return ask(node, wanted, now).get(0);
    }

    private void pass(long millis) {
        now += millis * MILLI;
    }

    /** Of so long a time. */
    private static long filled(long millis) {
        return millis * 31_250 * 31;
    }

    @Test
    void aNewBucketIsEmptyAndFillsWithTimeToHalfAnInterval() {
        assertThat(ask("a", ALL)).isZero();
        pass(20);
        assertThat(ask("b", 7)).isEqualTo(7);
        assertThat(ask("b", 0)).isZero();
        pass(200);
        assertThat(ask("c", ALL)).isEqualTo(FULL);
    }

    @Test
    void itFillsWithWhatThoseAreWorthWhoDeposit() {
        pass(390);
        deposit("a", "b", "c");
        ask("a", FULL);
        pass(20);
        assertThat(ask("a", FULL)).as("three of four").isEqualTo(filled(20));
        pass(370);
        deposit("a", "b");
        pass(20);
        ask("a", FULL);
        pass(20);
        assertThat(ask("a", FULL)).as("two of four").isEqualTo(filled(20) * 2 / 3);
        pass(LEASE / MILLI);
        ask("a", FULL);
        ask("a", 0);
        pass(LEASE / MILLI);
        assertThat(ask("a", FULL)).as("nobody").isZero();
    }

    @Test
    void aDepositEndsALeaseAfterItWasSent() {
        pass(400);
        ask("a", 0, now - 50 * MILLI);
        pass(349);
        ask("b", 0);
        ask("b", FULL);
        pass(1);
        assertThat(ask("b", FULL)).as("b alone").isBetween(filled(1) / 3, filled(1) / 3 + 1);
    }

    @Test
    void whatWasSentLongAgoOrWillBeIsRefused() {
        pass(40);
        assertThat(ask("a", 5, 0)).isEmpty();
        assertThat(ask("a", 5, now - INTERVAL / 2 - 1)).isEmpty();
        assertThat(ask("a", 5, now + 1)).isEmpty();
        assertThat(ask("a", 5, now - INTERVAL / 2)).containsExactly(5L);
    }

    @Test
    void whoIsRefusedDepositsNothing() {
        pool.clear();
        ask("a", 0);
        ask("b", 0, now - INTERVAL);
        pass(20);
        assertThat(ask("a", FULL)).isEqualTo(filled(20) / 3);
    }

    @Test
    void oneThatWantsAllHasAllAndTwoHaveAboutTheSame() {
        pass(25);
        assertThat(ask("a", FULL)).isEqualTo(filled(25));
        long a = 0;
        long b = 0;
        for (int i = 0; i < 40; i++) {
            pass(5);
            b += i % 2 == 0 ? ask("b", FULL) : 0;
            pass(20);
            a += ask("a", FULL);
            deposit("c", "d");
        }
        assertThat((double) a / b).as("though b asks less often").isBetween(1.0, 1.3);
        assertThat((double) (a + b) / filled(1_000)).isBetween(0.9, 1.05);
    }

    @Test
    void whoWantsLessThanItsPartIsNotHungryNorIsWhoAskedLongAgo() {
        pass(24);
        assertThat(ask("a", FULL)).isEqualTo(filled(24));
        pass(24);
        assertThat(ask("b", filled(12))).isEqualTo(filled(12));
        pass(250);
        assertThat(ask("c", filled(48))).as("a is not hungry any more").isEqualTo(filled(48));
    }

    @Test
    void aClockThatGoesBackEarnsNothingAndDepositsFromTheFutureDoNotCount() {
        pass(20);
        ask("a", FULL);
        pass(-10_000);
        assertThat(ask("a", FULL)).isZero();
        pass(25);
        assertThat(ask("a", FULL)).isEqualTo(filled(25) / 3);
    }
}
