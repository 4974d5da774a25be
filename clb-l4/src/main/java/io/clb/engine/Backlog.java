package io.clb.engine;

import io.clb.spi.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The flows of a loop that hold bytes: read, and not yet written, as who should have them does not read. Most flows are on it never, as what they read leaves at once.
 *
 * <p>Back-pressure bounds what one flow holds to some hundred KiB, but not what many hold together; and on epoll Netty reads a connection to its end once its FIN has
 * come, whatever it is asked to: all that the system had buffered for it, some MiB. So when the {@linkplain ByteBudget budget} is exceeded, those flows are ended that hold
 * most, in the very read that exceeds it, until there is room again for flows to come: a loop ends its own as long as it holds more than its share, and asks the others to.
 *
 * <p>Bytes that leave later are noticed when the flow reads again, and by a look each 100 ms as long as anything is held. Confined to the loop.
 */
public final class Backlog extends Timeout {

    private static final Logger LOG = LoggerFactory.getLogger(Backlog.class);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** How soon a look may be followed by another for the sake of one more flow that comes in. Not measured. */
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** How many times longer than a look that pause is at least, so that looks take a tenth of the loop's time however many flows hold bytes. */
    private static final int REST = 10;

    private final Loop loop;

    // set by any loop, cleared by this one
    private final AtomicBoolean asked = new AtomicBoolean();

    private ByteBudget budget;
    private @Nullable LoopFlow first;
    private long own;
    private long nextLookNanos;

    Backlog(Loop loop, ByteBudget budget) {
        this.loop = loop;
        this.budget = budget;
        this.nextLookNanos = loop.readNanos();
    }

    /** Sets the budget of all loops. Before there are flows. */
    void budget(ByteBudget shared) {
        budget = shared;
    }

    /**
     * Counts what a flow holds, after it read something that did not leave at once. It may be ended by this, and so may others: nothing may be done with it after that.
     *
     * @param flow a flow that began on this loop
     */
    public void look(LoopFlow flow) {
        count(flow);
        if (flow.counted > 0 && budget.isExceeded()) {
            relieve(true);
        }
    }

    /**
     * Tells whether there is room for a flow to come.
     *
     * @return false while the balancer holds so much that nothing new is let in
     */
    public boolean hasRoom() {
        if (!budget.isNearlyFull()) {
            return true;
        }
        long now = loop.readNanos();
        if (now - nextLookNanos >= 0) {
            lookAtAll();
            long after = loop.readNanos();
            nextLookNanos = after + Math.max(AGAIN_NANOS, REST * (after - now));
        }
        return !budget.isNearlyFull();
    }

    private void count(LoopFlow flow) {
        long before = flow.counted;
        long now = flow.heldBytes();
        if (now == before) {
            return;
        }
        if (before == 0) {
            link(flow);
        } else if (now == 0) {
            unlink(flow);
        }
        flow.counted = now;
        add(now - before);
    }

    private void add(long bytes) {
        own += bytes;
        budget.add(loop, bytes);
    }

    /** Lets go of a flow that has ended. */
    void forget(LoopFlow flow) {
        if (flow.counted > 0) {
            unlink(flow);
            add(-flow.counted);
            flow.counted = 0;
        }
    }

    private void lookAtAll() {
        LoopFlow following;
        for (LoopFlow flow = first; flow != null; flow = following) {
            following = flow.nextHolding;
            count(flow);
        }
    }

    /**
     * Ends those that hold most until there is room again, if it is this loop that holds more than its share. What has left and was not noticed only adds to its count,
     * so where that is not above the share, others are to blame; but where those do not come to it in time, none may go on.
     */
    private void relieve(boolean mayAsk) {
        if (isToRelieve()) {
            lookAtAll();
            if (budget.isExceeded() && isToRelieve()) {
                endLargest();
            }
        }
        if (mayAsk && budget.isExceeded()) {
            budget.askOthers(this);
        }
    }

    private boolean isToRelieve() {
        return own > budget.share() || budget.isFarExceeded();
    }

    private void endLargest() {
        for (LoopFlow flow : largestFirst()) {
            if (flow.counted > 0) {
                end(flow);
                forget(flow);
            }
            if (budget.isRelieved(own)) {
                return;
            }
        }
    }

    /** Has this loop relieve the others soon. For any thread. */
    void ask() {
        if (asked.compareAndSet(false, true)) {
            loop.execute(() -> {
                asked.set(false);
                relieve(false);
            });
        }
    }

    private List<LoopFlow> largestFirst() {
        List<LoopFlow> holding = new ArrayList<>();
        for (LoopFlow flow = first; flow != null; flow = flow.nextHolding) {
            holding.add(flow);
        }
        holding.sort(Comparator.comparingLong((LoopFlow flow) -> flow.counted).reversed());
        return holding;
    }

    private static void end(LoopFlow flow) {
        try {
            flow.abort(Reason.MEMORY);
        } catch (RuntimeException | Error e) {
            LOG.error("a flow could not be ended in order", e);
        }
    }

    @Override
    protected void expired(long nowNanos) {
        lookAtAll();
        if (budget.isExceeded()) {
            relieve(true);
        }
        if (first != null) {
            loop.arm(this, nowNanos + LOOK_NANOS);
        }
    }

    private void link(LoopFlow flow) {
        if (first == null) {
            loop.arm(this, loop.nowNanos() + LOOK_NANOS);
        } else {
            first.previousHolding = flow;
        }
        flow.nextHolding = first;
        first = flow;
    }

    private void unlink(LoopFlow flow) {
        LoopFlow previous = flow.previousHolding;
        LoopFlow next = flow.nextHolding;
        if (previous != null) {
            previous.nextHolding = next;
        } else {
            first = next;
        }
        if (next != null) {
            next.previousHolding = previous;
        }
        flow.previousHolding = null;
        flow.nextHolding = null;
    }
}
