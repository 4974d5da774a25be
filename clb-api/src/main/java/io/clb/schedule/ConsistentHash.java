package io.clb.schedule;

import static java.util.Objects.requireNonNull;

import io.clb.spi.FlowKind;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import org.jspecify.annotations.Nullable;

/** Consistent hashing with its settings, of the client address ({@code sch}) or of the four-tuple ({@code tch}). Immutable; the range is checked when the configuration is built. */
public final class ConsistentHash implements SchedulerFactory {

    /** Slots unless {@link #slots(int)} says otherwise: 128 KiB a pool, which fits the second-level cache beside other things. */
    public static final int DEFAULT_SLOTS = 1 << 16;

    /** What is hashed. */
    enum Key {
        SOURCE("sch"),
        FOUR_TUPLE("tch");

        private final String code;

        Key(String code) {
            this.code = code;
        }
    }

    private final Key key;
    private final int slots;

    ConsistentHash(Key key, int slots) {
        this.key = key;
        this.slots = slots;
    }

    /**
     * Returns into how many parts the keys are divided.
     *
     * @return slots
     */
    public int slots() {
        return slots;
    }

    /**
     * Returns the same with another number of slots, 2 bytes each for every pool, in a table that takes milliseconds to build: shares follow the weights the closer, the more slots there are for each
     * server. With 100 slots a server is about 10 % off its share, never more than 3 % (and one slot) above; with 1,000 about 3 %. It must be the same on all nodes that
     * should pick alike, and a change of it moves most clients.
     *
     * @param count 65,536 to 1,048,576
     * @return the new setting
     */
    public ConsistentHash slots(int count) {
        return new ConsistentHash(key, count);
    }

    @Override
    public String name() {
        return key.code;
    }

    /** The four-tuple is a connection's or an association's: that of a request says nothing of the request. */
    @Override
    public boolean serves(FlowKind kind) {
        return key == Key.SOURCE || kind != FlowKind.REQUEST;
    }

    @Override
    public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
        requireNonNull(eligible, "eligible");
        HashScheduler before = previous instanceof HashScheduler that ? that : null;
        return HashScheduler.create(key, slots, eligible, before);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConsistentHash that && key == that.key && slots == that.slots;
    }

    @Override
    public int hashCode() {
        return 31 * key.hashCode() + slots;
    }

    @Override
    public String toString() {
        return slots == DEFAULT_SLOTS ? name() : name() + "(" + slots + " slots)";
    }
}
