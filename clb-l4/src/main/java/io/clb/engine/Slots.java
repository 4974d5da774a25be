package io.clb.engine;

import java.util.BitSet;

/** Small numbers to give out and take back. One that came back is given out again only after all that follow it. Control only. */
final class Slots {

    private final BitSet taken = new BitSet();
    private final int capacity;
    private int next;

    Slots(int capacity) {
        this.capacity = capacity;
    }

    /** The lowest that is free. */
    int takeLowest() {
        next = 0;
        return take();
    }

    int take() {
        int slot = taken.nextClearBit(next);
        if (slot >= capacity) {
            slot = taken.nextClearBit(0);
        }
        if (slot >= capacity) {
            throw new IllegalStateException("all " + capacity + " slots are taken");
        }
        taken.set(slot);
        next = slot + 1 == capacity ? 0 : slot + 1;
        return slot;
    }

    /** How many there are to take. */
    int free() {
        return capacity - taken.cardinality();
    }

    void give(int slot) {
        taken.clear(slot);
    }
}
