package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** 500 bytes a second. */
final class ClientPaceTest {

    private static final int RATE = 500;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private long now = 7 * SECOND;
    private long bytes;

    private boolean isOver(ClientPace pace, int moved, boolean waits) {
        now += SECOND;
        bytes += moved;
        return pace.isOver(bytes, waits, now);
    }

    @Test
    void whoSendsNothingHasTenSeconds() {
        ClientPace pace = new ClientPace(RATE, 0, true, now);
        for (int i = 0; i < 10; i++) {
            assertThat(isOver(pace, 0, true)).isFalse();
        }
        assertThat(isOver(pace, 0, true)).isTrue();
    }

    @Test
    void whoKeepsTheRateHasAllTheTimeInTheWorld() {
        ClientPace pace = new ClientPace(RATE, 0, true, now);
        for (int i = 0; i < 1_000; i++) {
            assertThat(isOver(pace, RATE, true)).isFalse();
        }
    }

    @Test
    void whoIsSlowerHasAsMuchAsThatLeaves() {
        ClientPace pace = new ClientPace(RATE, 0, true, now);
        int looks = 1;
        while (!isOver(pace, RATE / 2, true)) {
            looks++;
        }
        assertThat(looks).isEqualTo(20);
    }

    /** Nobody can be fast for a moment and then slow for ever. */
    @Test
    void whoWasFastHasNoMoreThanTheMost() {
        ClientPace pace = new ClientPace(RATE, 0, true, now);
        assertThat(isOver(pace, Integer.MAX_VALUE, true)).isFalse();
        int looks = 1;
        while (!isOver(pace, 1, true)) {
            looks++;
        }
        assertThat(looks).isEqualTo(10);
        pace = new ClientPace(RATE, 60 * SECOND, true, now);
        bytes = 0;
        assertThat(isOver(pace, Integer.MAX_VALUE, true)).isFalse();
        looks = 1;
        while (!isOver(pace, 1, true)) {
            looks++;
        }
        assertThat(looks).isEqualTo(60);
    }

    @Test
    void timeInWhichOthersAreWaitedForDoesNotCount() {
        ClientPace pace = new ClientPace(RATE, 0, true, now);
        for (int i = 0; i < 100; i++) {
            assertThat(isOver(pace, 0, i % 2 == 0)).isFalse();
        }
    }
}
