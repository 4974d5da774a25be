package io.clb.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A rule at run time: its limits, from the update that brings it to the end of the last request that it took. */
public final class RunRule extends PaceSource {

    // written by control; read by any loop
    private volatile LimitChain chain = LimitChain.NONE;

    private List<RunLimit> limits = List.of();

    /** Its own limits, in the order of their kinds. Control only. */
    List<RunLimit> limits() {
        return limits;
    }

    /** Puts limits in force: its own, and with those around them. Control only. */
    void limits(List<RunLimit> own, LimitChain inForce) {
        limits = own;
        chain = inForce;
    }

    @Override
    @Nullable
    Pace pace(Direction direction) {
        return chain.pace(direction);
    }

    /** What its requests must pass. */
    LimitChain chain() {
        return chain;
    }
}
