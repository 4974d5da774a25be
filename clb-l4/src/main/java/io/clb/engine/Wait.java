package io.clb.engine;

import org.jspecify.annotations.Nullable;

/** The wait of a flow until a server has room for it, see {@link Traffic#await}. Confined to the flow's loop. */
public abstract class Wait {

    // links of the loop's part of the queue
    @Nullable
    Wait previous;

    @Nullable
    Wait next;

    /** Where it waits; null before, and when the wait is over. */
    @Nullable
    ConnectQueue queue;

    int loop;
    long sinceNanos;
    private boolean begun;

    /** Makes a wait that has not begun. */
    protected Wait() {}

    /**
     * A server has room, and the flow is counted on it.
     *
     * @param server which
     */
    protected abstract void found(RunServer server);

    /** What it waited for takes no flows any more, or another does: the flow is to look for a server anew. If it has to wait again, this goes on. */
    protected abstract void inVain();

    /** Joins a queue. Who comes from another waits since he joined the first. */
    void begins(ConnectQueue joined, int onLoop, long nowNanos) {
        queue = joined;
        loop = onLoop;
        if (!begun) {
            begun = true;
            sinceNanos = nowNanos;
        }
    }

    /** Has the flow look for a server anew, if it still waits. */
    final void anew() {
        if (queue != null) {
            queue.remove(this);
            inVain();
        }
    }

    /**
     * Tells whether the flow waits now.
     *
     * @return false before, and when the wait is over
     */
    public final boolean isUnderWay() {
        return queue != null;
    }

    /** Ends the wait without a word; does nothing if it is over. */
    public final void cancel() {
        if (queue != null) {
            queue.remove(this);
        }
    }
}
