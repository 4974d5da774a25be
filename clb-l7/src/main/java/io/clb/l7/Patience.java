package io.clb.l7;

import static java.util.Objects.requireNonNull;

import io.clb.engine.Loop;
import io.clb.spi.Reason;
import org.jspecify.annotations.Nullable;

/**
 * How long an exchange goes on when nothing moves, or too little: whoever has to move next (the client with its body, the server with its answer, the client with reading
 * that) has a time, which begins again with every byte; a client must keep a rate, too, and its request may have to be here by a time. Its loop has it serve one exchange after
 * another. Confined to that loop.
 *
 * <p>A limit that nobody can help passes for a move, and so does a filter that is asked, which has a time of its own.
 */
final class Patience {

    private final Loop loop;
    private @Nullable Exchange exchange;
    private long movedNanos;
    private long unwrittenAtCheck;

    /** Of the request while that comes, then of the response from when some of it waits. */
    private @Nullable ClientPace pace;

    Patience(Loop loop) {
        this.loop = loop;
    }

    /** Is for an exchange from here on. */
    Patience begin(Exchange of) {
        exchange = of;
        movedNanos = 0;
        unwrittenAtCheck = 0;
        pace = null;
        return this;
    }

    /** The exchange has ended. */
    void rest() {
        exchange = null;
        pace = null;
    }

    private Exchange exchange() {
        return requireNonNull(exchange);
    }

    /**
     * Something moved.
     *
     * @return when: now
     */
    long moved() {
        movedNanos = loop.nowNanos();
        return movedNanos;
    }

    /** From now on someone else has to move next, or the same once more. */
    void turn() {
        arm(exchange(), moved());
    }

    /** A body is to come: the client must send it as fast as it must. */
    void watchSender() {
        HttpPlan plan = exchange().plan;
        if (plan.minDataRate() > 0) {
            pace = new ClientPace(plan.minDataRate(), 0, false, loop.nowNanos());
        }
    }

    /** The body is here. */
    void senderIsDone(long nowNanos) {
        pace = null;
        arm(exchange(), nowNanos);
    }

    /** The client does not take more of the response for now. */
    void readerIsFull() {
        unwrittenAtCheck = exchange().unwritten();
        watchReader();
    }

    /** Some of the response waits: from now on the client must read as fast as it must. */
    void watchReader() {
        Exchange of = exchange();
        HttpPlan plan = of.plan;
        if (pace == null && plan.minDataRate() > 0) {
            long now = loop.nowNanos();
            pace = new ClientPace(plan.minDataRate(), plan.requestTimeoutNanos(), true, now);
            arm(of, now);
        }
    }

    private void arm(Exchange of, long nowNanos) {
        armAt(of, nowNanos + patienceNanos(of), nowNanos);
    }

    /** Has us look then, or earlier if there is more to look at than whether anything moves. */
    private void armAt(Exchange of, long overNanos, long nowNanos) {
        long look = overNanos;
        if (pace != null || of.unwritten() > 0) {
            look = Math.min(look, nowNanos + ClientPace.LOOK_NANOS);
        }
        RequestScreening asked = of.body.asked();
        if (asked != null) {
            look = Math.min(look, asked.deadlineNanos());
        }
        if (hasDeadline(of)) {
            look = Math.min(look, of.deadlineNanos());
        }
        loop.arm(of, look);
    }

    private static boolean hasDeadline(Exchange of) {
        return !of.body.isComplete() && of.plan.requestDeadlineNanos() > 0;
    }

    /** How long whoever has to move next may take to. */
    private static long patienceNanos(Exchange of) {
        return of.body.isAwaited() ? of.plan.headTimeoutNanos() : of.plan.requestTimeoutNanos();
    }

    /**
     * Looks again, and says when to look next.
     *
     * @return why it is over; null if it goes on
     */
    @Nullable
    Reason look(long nowNanos) {
        Exchange of = exchange();
        // A slow reader empties our buffers without a byte being read here: that is movement too. What fills them was
        // read.
        long unwritten = of.unwritten();
        if (unwritten < unwrittenAtCheck || isLimited(of) || of.body.asked() != null) {
            movedNanos = nowNanos;
        }
        unwrittenAtCheck = unwritten;
        long left = movedNanos + patienceNanos(of) - nowNanos;
        if (left <= 0) {
            return whoStopped(of);
        }
        if (hasDeadline(of) && nowNanos - of.deadlineNanos() >= 0) {
            return Reason.REQUEST_DEADLINE;
        }
        if (isTooSlow(of, nowNanos)) {
            return of.body.isComplete() ? Reason.RESPONSE_READ_TOO_SLOWLY : Reason.REQUEST_TOO_SLOW;
        }
        armAt(of, nowNanos + left, nowNanos);
        return null;
    }

    private static Reason whoStopped(Exchange of) {
        if (of.body.isAwaited()) {
            return Reason.REQUEST_BODY_TIMEOUT;
        }
        return of.response.hasBegun() && !of.client.isWritable() ? Reason.RESPONSE_NOT_READ : Reason.RESPONSE_TIMEOUT;
    }

    private boolean isTooSlow(Exchange of, long nowNanos) {
        ClientPace judged = pace;
        if (judged == null) {
            return false;
        }
        RequestBody body = of.body;
        if (body.isComplete()) {
            long unwritten = of.client.unwritten();
            return judged.isOver(of.response.bodySent() - unwritten, unwritten > 0, nowNanos);
        }
        return judged.isOver(
                body.bytes(), body.isAwaited() && !of.client.reading().isLimited(), nowNanos);
    }

    /** Whether it is a limit that keeps whoever has to move next. */
    private static boolean isLimited(Exchange of) {
        Upstream at = of.upstream();
        return of.body.isAwaited() ? of.client.reading().isWaiting() : at != null && at.isWaiting();
    }
}
