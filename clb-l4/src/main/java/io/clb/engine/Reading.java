package io.clb.engine;

import org.jspecify.annotations.Nullable;

/** How one socket is read: when its protocol wants to, and under bandwidth limits when it is its turn, and no more than that allows. Confined to one loop. */
public abstract class Reading {

    /** Where there is no limit. */
    static final int ANY = Integer.MAX_VALUE;

    // links of the list that this is on
    @Nullable
    Readings on;

    @Nullable
    Reading before;

    @Nullable
    Reading after;

    /** When its turn is over. */
    long untilNanos;

    private final Loop loop;
    private final Direction direction;
    private PaceSource source;
    private @Nullable Pace pace;
    private @Nullable Runnable onRefusal;
    private int allowed;
    private boolean wanted;
    private boolean waiting;

    /**
     * Prepares to read a socket.
     *
     * @param loop its loop
     * @param direction which way goes what is read
     * @param source whose bandwidth limits hold
     * @param wanted whether to read at once
     */
    protected Reading(Loop loop, Direction direction, PaceSource source, boolean wanted) {
        this.loop = loop;
        this.direction = direction;
        this.source = source;
        this.wanted = wanted;
    }

    /**
     * Tells whether the socket is open.
     *
     * @return false once it is closed
     */
    protected abstract boolean isOpen();

    /**
     * Turns reading on and off.
     *
     * @param on whether what comes is to be read
     */
    protected abstract void read(boolean on);

    /**
     * Sets whether the protocol wants more.
     *
     * @param more false while what was read cannot be passed on
     */
    public void want(boolean more) {
        wanted = more;
        if (!waiting && isOpen()) {
            read(more);
        }
    }

    /**
     * Tells whether the protocol wants more.
     *
     * @return what was set last
     */
    public boolean isWanted() {
        return wanted;
    }

    /**
     * Tells whether this waits for its turn: nobody else is to blame that nothing is read.
     *
     * @return true under a bandwidth limit that has nothing left
     */
    public boolean isWaiting() {
        return waiting;
    }

    /**
     * Tells whether it is under a bandwidth limit: how fast it comes is not the sender's choice alone.
     *
     * @return true if it was when it was read last
     */
    public boolean isLimited() {
        return pace != null;
    }

    /**
     * Sets whose limits hold from now on.
     *
     * @param limited the listener, unless a rule has taken the request
     */
    public void source(PaceSource limited) {
        source = limited;
    }

    /**
     * Sets what happens where a limit wants excess refused. Without it, it waits.
     *
     * @param refused ends the flow; called on the loop, soon
     */
    public void onRefusal(Runnable refused) {
        onRefusal = refused;
    }

    /**
     * Tells how much may be read now. Where it is nothing, reading is off until its turn comes.
     *
     * @param expected how much there will be, likely
     * @return bytes; {@link #ANY} where there is no limit
     */
    final int allowance(int expected) {
        Pace current = source.pace(direction);
        if (current == null && pace == null) {
            return ANY;
        }
        if (current != pace) {
            change(current);
        }
        if (current == null) {
            return ANY;
        }
        if (waiting || (allowed == 0 && !takeTurn(current, expected))) {
            return 0;
        }
        return Math.min(allowed, expected);
    }

    /** An update, or another rule. What the old limit allowed is void. */
    private void change(@Nullable Pace current) {
        Pace old = pace;
        if (old != null) {
            old.line(loop).remove(this, allowed);
        }
        pace = current;
        allowed = 0;
        waiting = false;
    }

    /** Makes sure that something may be read now. */
    private boolean takeTurn(Pace current, int expected) {
        Line line = current.line(loop);
        allowed = line.take(expected);
        if (allowed > 0) {
            return true;
        }
        waiting = true;
        read(false);
        if (onRefusal != null && current.refuses(loop)) {
            current.refused(loop);
            // Not now: the socket is being read.
            loop.execute(onRefusal);
        } else {
            line.join(this);
        }
        return false;
    }

    /** It may read now. False if it does not want to. */
    boolean turn(int bytes) {
        waiting = false;
        if (!wanted || !isOpen()) {
            return false;
        }
        allowed = bytes;
        read(true);
        return true;
    }

    /** It did not read in time what it might have. */
    void turnOver() {
        giveBackTurn();
    }

    private void giveBackTurn() {
        int unread = allowed;
        allowed = 0;
        if (pace != null) {
            pace.line(loop).leave(this, unread);
        }
    }

    /** It is closed, or soon will be: others may have its turn. */
    public void gone() {
        change(null);
    }

    /** Whether another limit is in force than the one whose turn it waits for, or the socket is no more. */
    boolean isOvertaken(Pace waitedFor) {
        return source.pace(direction) != waitedFor || !isOpen();
    }

    /** There is no point in waiting any more: it reads, and is judged anew. */
    void released() {
        waiting = false;
        if (isOpen()) {
            read(wanted);
        }
    }

    /** Counts what was read. */
    final void passed(int bytes) {
        if (bytes > 0 && pace != null) {
            allowed -= bytes;
            pace.passed(bytes, loop);
        }
    }

    /** After each turn the others come first, also where there is more bandwidth: another is taken when the loop comes round. */
    final boolean mayGoOn() {
        return pace == null || allowed > 0;
    }

    /** The loop goes on to other sockets: whose turn it is may read again, as long as it lasts. */
    final void rests() {
        if (allowed > 0 && on == null) {
            giveBackTurn();
        }
    }
}
