package io.clb.engine;

import io.clb.spi.RateLimiter;
import java.util.concurrent.TimeUnit;

/**
 * Those on one loop who wait for their turn at a {@link Pace}. Each has taken a place in the limiters' line when it joined, but places are nobody's: when one comes up,
 * who has waited longest has its turn. So the place of a connection that has gone is not lost to the others.
 *
 * <p>Whose turn it is may read so many bytes in the next 100 ms. What it does not read goes to the next, at most one turn of it is kept. In any time, the loops so read at most
 * what the limits let through in that time and 100 ms more, and one turn for each loop.
 */
final class Line extends Timeout {

    /** How long a turn lasts, and how often those who wait look whether the limit has changed. */
    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** How often they look where the share moves by itself: about as often as it does. */
    private static final long MOVE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    private final Pace pace;
    private final Loop loop;
    private final Places places = new Places();
    private final Readings waiting = new Readings();
    private final Readings inTurn = new Readings();
    private int left;

    Line(Pace pace, Loop loop) {
        this.pace = pace;
        this.loop = loop;
    }

    /** Takes bytes at once, 0 if there are none or others wait. */
    int take(int wanted) {
        if (!waiting.isEmpty()) {
            return 0;
        }
        if (left > 0) {
            int taken = left;
            left = 0;
            return taken;
        }
        int bytes = Math.min(wanted, pace.turn());
        return pace.tryTake(bytes, loop) ? bytes : 0;
    }

    /** Has one wait for its turn. */
    void join(Reading reading) {
        pace.putOff(loop);
        waiting.add(reading);
        reserve();
        arm();
    }

    /** A place for each who waits, as far as the limiters' lines have some. */
    private void reserve() {
        while (places.count() < waiting.count()) {
            long wait = pace.reserve(loop);
            if (wait == RateLimiter.NEVER) {
                return;
            }
            places.add(loop.nowNanos() + wait);
        }
    }

    /** Takes back what one did not read. */
    void leave(Reading reading, int bytes) {
        inTurn.remove(reading);
        left = Math.min(left + bytes, pace.turn());
        if (left == pace.turn() && !waiting.isEmpty()) {
            left = 0;
            serveNext();
        }
    }

    /** Forgets one who has gone, and gives back a place that nobody waits for then. */
    void remove(Reading reading, int bytes) {
        waiting.remove(reading);
        leave(reading, bytes);
        giveBackPlaces();
    }

    /** Those that nobody waits for, and that have not come up: the others count as used. */
    private void giveBackPlaces() {
        while (places.count() > waiting.count() && places.removeLast() - loop.nowNanos() > 0) {
            pace.giveBack(loop);
        }
    }

    private void serveNext() {
        for (Reading next = waiting.poll(); next != null; next = waiting.poll()) {
            if (next.turn(pace.turn())) {
                next.untilNanos = loop.nowNanos() + TURN_NANOS;
                inTurn.add(next);
                return;
            }
        }
        left = pace.turn();
    }

    @Override
    protected void expired(long nowNanos) {
        for (Reading first = waiting.first(); first != null && first.isOvertaken(pace); first = waiting.first()) {
            waiting.remove(first);
            first.released();
        }
        for (Reading first = inTurn.first();
                first != null && first.untilNanos - nowNanos <= 0;
                first = inTurn.first()) {
            inTurn.remove(first);
            first.turnOver();
        }
        reserve();
        if (pace.isMoving() && !waiting.isEmpty()) {
            pace.waited(loop);
            hasten();
        }
        while (!places.isEmpty() && places.first() - nowNanos <= 0) {
            places.removeFirst();
            serveNext();
        }
        giveBackPlaces();
        arm();
    }

    /**
     * Has places come up sooner that were told while the share was smaller. When one turn more could be taken behind all of them, they have all been earned. A limiter that does not know when
     * says so long as a turn lasts.
     */
    private void hasten() {
        long wait = pace.waitBehindAll(loop);
        if (wait < TURN_NANOS) {
            places.hasten(loop.nowNanos() + wait);
        }
    }

    private void arm() {
        if (waiting.isEmpty() && inTurn.isEmpty() && places.isEmpty()) {
            return;
        }
        long next = loop.nowNanos() + (pace.isMoving() ? MOVE_NANOS : TURN_NANOS);
        if (!places.isEmpty() && places.first() - next < 0) {
            next = places.first();
        }
        loop.arm(this, next);
    }
}
