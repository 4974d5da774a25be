package io.clb.engine;

import io.clb.spi.ServerState;

/**
 * Where a server stands between up and down: its state, and how many verdicts in a row speak against it. Immutable; a pure function of the
 * verdicts.
 *
 * <p>Worked for rise 3, fall 2: checking, ok: up. Up, bad: up (1 against). Up, ok: up. Up, bad, bad: down. Down, ok, ok, bad: down. Down, ok, ok, ok: up.
 *
 * @param state up, down or checking
 * @param against verdicts in a row that contradict the state
 */
record RiseFall(ServerState state, int against) {

    static final RiseFall CHECKING = new RiseFall(ServerState.CHECKING, 0);
    static final RiseFall UP = new RiseFall(ServerState.UP, 0);
    static final RiseFall DOWN = new RiseFall(ServerState.DOWN, 0);

    /**
     * Takes a verdict in. The first good one ends checking; a bad one counts against it as it counts against up.
     *
     * @param rise good verdicts in a row that bring a server up
     * @param fall bad verdicts in a row that take it down
     */
    RiseFall next(boolean healthy, int rise, int fall) {
        if (state == ServerState.DOWN) {
            return healthy ? counted(rise, UP) : DOWN;
        }
        return healthy ? UP : counted(fall, DOWN);
    }

    private RiseFall counted(int threshold, RiseFall turned) {
        return against + 1 >= threshold ? turned : new RiseFall(state, against + 1);
    }
}
