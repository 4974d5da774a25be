package io.clb.ratelimit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoanTest {

    private static final long RETURNED = 1_000;

    private final Loan loan = new Loan();

    @Test
    void isTheBorrowersAsSoonAsItIsSaid() {
        say(50, 1, 0);

        loan.returned(1, 10);
        assertThat(loan.most()).isEqualTo(50);
    }

    @Test
    void isTheLendersAgainWhenTheBorrowerHasHeardOfLess() {
        say(50, 1, 0);
        say(20, 2, 100);

        loan.returned(1, 200);
        assertThat(loan.most()).isEqualTo(50);
        loan.returned(2, 200);
        assertThat(loan.most()).isEqualTo(20);
    }

    /** The borrower may have heard the second report and not the third. */
    @Test
    void theMostThatWasSaidSinceCounts() {
        say(50, 1, 0);
        say(10, 2, 100);
        say(40, 3, 200);
        say(10, 4, 300);

        loan.returned(2, 350);
        assertThat(loan.most()).isEqualTo(40);
        say(10, 5, 400);
        loan.returned(4, 450);
        assertThat(loan.most()).isEqualTo(40);
        loan.returned(5, 450);
        assertThat(loan.most()).isEqualTo(10);
    }

    @Test
    void isTheLendersAgainWhenTheLeaseIsOverThoughNothingWasHeard() {
        say(50, 1, 0);
        say(0, 2, 100);

        loan.returned(1, 100 + RETURNED - 1);
        assertThat(loan.most()).isEqualTo(50);
        loan.returned(1, 100 + RETURNED);
        assertThat(loan.most()).isZero();
    }

    @Test
    void whatIsLentAgainBeforeItCameBackNeverWasAway() {
        say(50, 1, 0);
        say(20, 2, 100);
        say(60, 3, 200);

        loan.returned(3, 300);
        assertThat(loan.most()).isEqualTo(60);
    }

    private void say(long parts, long number, long nowNanos) {
        loan.say(parts, number, nowNanos, RETURNED);
    }
}
