package io.clb.engine;

import org.jspecify.annotations.Nullable;

/** A list of {@link Reading}s, each on at most one: joining, leaving from anywhere and going first take constant time. Confined to one loop. */
final class Readings {

    private @Nullable Reading first;
    private @Nullable Reading last;
    private int count;

    boolean isEmpty() {
        return first == null;
    }

    int count() {
        return count;
    }

    @Nullable
    Reading first() {
        return first;
    }

    /** Takes it off the list that it was on. */
    void add(Reading reading) {
        if (reading.on != null) {
            reading.on.remove(reading);
        }
        reading.on = this;
        reading.before = last;
        if (last == null) {
            first = reading;
        } else {
            last.after = reading;
        }
        last = reading;
        count++;
    }

    @Nullable
    Reading poll() {
        Reading reading = first;
        if (reading != null) {
            remove(reading);
        }
        return reading;
    }

    /** Does nothing if it is not on this list. */
    void remove(Reading reading) {
        if (reading.on != this) {
            return;
        }
        Reading before = reading.before;
        Reading after = reading.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        reading.on = null;
        reading.before = null;
        reading.after = null;
        count--;
    }
}
