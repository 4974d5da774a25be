package io.clb.engine;

import static io.clb.spi.ServerState.CHECKING;
import static io.clb.spi.ServerState.DOWN;
import static io.clb.spi.ServerState.UP;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.ServerState;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Verdicts, and the states that they lead to. */
final class RiseFallTest {

    private static ServerState after(RiseFall from, int rise, int fall, List<Boolean> verdicts) {
        RiseFall now = from;
        for (boolean verdict : verdicts) {
            now = now.next(verdict, rise, fall);
        }
        return now.state();
    }

    @Property
    void aStateTurnsAfterSoManyVerdictsInARowAgainstIt(
            @ForAll @IntRange(min = 1, max = 10) int rise,
            @ForAll @IntRange(min = 1, max = 10) int fall,
            @ForAll @Size(max = 60) List<Boolean> verdicts) {
        ServerState expected = CHECKING;
        int from = 0;
        for (int i = 0; i < verdicts.size(); i++) {
            boolean good = verdicts.get(i);
            int inARow = inARow(verdicts, from, i);
            ServerState before = expected;
            if (before == CHECKING && good) {
                expected = UP;
            } else if (before == DOWN && good && inARow >= rise) {
                expected = UP;
            } else if (before != DOWN && !good && inARow >= fall) {
                expected = DOWN;
            }
            from = expected == before ? from : i + 1;
            assertThat(after(RiseFall.CHECKING, rise, fall, verdicts.subList(0, i + 1)))
                    .isEqualTo(expected);
        }
    }

    /** How many verdicts up to this one are like it, not counting those before the last change. */
    private static int inARow(List<Boolean> verdicts, int from, int to) {
        int first = to;
        while (first > from && verdicts.get(first - 1).equals(verdicts.get(to))) {
            first--;
        }
        return to - first + 1;
    }

    @Example
    void asWorkedInTheComment() {
        assertThat(after(RiseFall.CHECKING, 3, 2, List.of(true))).isEqualTo(UP);
        assertThat(after(RiseFall.UP, 3, 2, List.of(false))).isEqualTo(UP);
        assertThat(after(RiseFall.UP, 3, 2, List.of(false, true, false))).isEqualTo(UP);
        assertThat(after(RiseFall.UP, 3, 2, List.of(false, false))).isEqualTo(DOWN);
        assertThat(after(RiseFall.DOWN, 3, 2, List.of(true, true, false, true, true)))
                .isEqualTo(DOWN);
        assertThat(after(RiseFall.DOWN, 3, 2, List.of(true, true, true))).isEqualTo(UP);
        assertThat(after(RiseFall.CHECKING, 3, 2, List.of(false))).isEqualTo(CHECKING);
        assertThat(after(RiseFall.CHECKING, 3, 2, List.of(false, false))).isEqualTo(DOWN);
    }
}
