package io.clb.bench.demo;

import io.clb.Snapshot;
import io.clb.spi.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether a limit let through what it should, and no more.
 *
 * @param share what this node enforces
 * @param seconds how long clients asked
 * @param served requests that were answered as they should be
 * @param refused requests that were answered with 503
 * @param losses the others
 * @param counted refusals that the balancer says are the limit's
 * @param due how many the limit should have let through, see {@link Demand}
 */
record LimitFinding(NodeShare share, double seconds, long served, long refused, Losses losses, long counted, double due)
        implements Finding {

    /** Part of what is due that must have been let through: the rest is for clients that ask in fits and starts. Not measured. */
    private static final double LEAST = 0.95;

    static LimitFinding of(Stage stage, Crowds crowds, Losses losses) {
        Snapshot.Listener listener = stage.lb().snapshot().listener(Stage.API);
        return new LimitFinding(
                crowds.share(),
                crowds.nanos() / 1e9,
                crowds.api().served(),
                crowds.api().refused(),
                losses,
                listener.ended().getOrDefault(Reason.LIMIT_QPS, 0L),
                crowds.due());
    }

    private double most() {
        return share.rate() * seconds + share.burst();
    }

    private long asked() {
        return served + refused + losses.all();
    }

    @Override
    public String title() {
        return "limit";
    }

    @Override
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "asked %,d requests in %.1f s, %.1f/s: served %,d, %.1f/s; refused %,d with 503",
                asked(),
                seconds,
                asked() / seconds,
                served,
                served / seconds,
                refused));
        lines.addAll(losses.lines());
        lines.add(String.format(
                Locale.ROOT,
                "this node's share is %s: at most %.1f x %.1f s and a burst of %.1f, which is %,.0f",
                share,
                share.rate(),
                seconds,
                share.burst(),
                Math.floor(most())));
        lines.add(String.format(
                Locale.ROOT,
                "and at least %.0f %% of what was asked for up to that rate, in each tenth of a second: %,.0f",
                LEAST * 100,
                Math.ceil(LEAST * due)));
        return lines;
    }

    @Override
    public @Nullable String fault() {
        if (served == 0) {
            return "no request was served under the limit";
        }
        if (losses.others() > 0) {
            return "requests under the limit were lost";
        }
        if (served > most()) {
            return "the limit let through too much";
        }
        if (served + losses.killed() < LEAST * due) {
            return "the limit let through too little";
        }
        return refused > counted ? "requests were refused, and not for the limit" : null;
    }
}
