package io.clb.schedule;

import static java.util.Objects.requireNonNull;

import io.clb.spi.FlowKind;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Consistent hashing with its settings: of the client address ({@code sch}), of the four-tuple ({@code tch}), or of something in an HTTP request ({@code uch}). Immutable; ranges are checked when
 * the configuration is built.
 */
public final class ConsistentHash implements SchedulerFactory {

    /** Slots unless {@link #slots(int)} says otherwise: 128 KiB a pool, which fits the second-level cache beside other things. */
    public static final int DEFAULT_SLOTS = 1 << 16;

    /** What is hashed. */
    public enum Key {
        /** The client's address. */
        SOURCE("sch"),
        /** The addresses and ports of both sides. */
        FOUR_TUPLE("tch"),
        /** The path of a request's target. */
        PATH("uch"),
        /** The value of a parameter in the query of a request. */
        QUERY("uch"),
        /** The value of a header field. */
        HEADER("uch"),
        /** The value of a cookie. */
        COOKIE("uch");

        private final String code;

        Key(String code) {
            this.code = code;
        }

        /** Whether it is found in requests only. */
        boolean isOfRequests() {
            return this != SOURCE && this != FOUR_TUPLE;
        }
    }

    private final Key key;
    private final String keyName;
    private final int slots;

    ConsistentHash(Key key, String keyName) {
        this(key, keyName, DEFAULT_SLOTS);
    }

    private ConsistentHash(Key key, String keyName, int slots) {
        this.key = key;
        this.keyName = keyName;
        this.slots = slots;
    }

    /**
     * Returns what is hashed.
     *
     * @return the kind
     */
    public Key key() {
        return key;
    }

    /**
     * Returns which parameter, header field or cookie is hashed.
     *
     * @return its name, that of a header field in lower case; empty for what has none
     */
    public String keyName() {
        return keyName;
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
        return new ConsistentHash(key, keyName, count);
    }

    @Override
    public String name() {
        return key.code;
    }

    /** The four-tuple is a connection's or an association's: that of a request says nothing of the request. What is in a request is in nothing else. */
    @Override
    public boolean serves(FlowKind kind) {
        return switch (key) {
            case SOURCE -> true;
            case FOUR_TUPLE -> kind != FlowKind.REQUEST;
            default -> kind == FlowKind.REQUEST;
        };
    }

    @Override
    public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
        requireNonNull(eligible, "eligible");
        HashScheduler before = previous instanceof HashScheduler that ? that : null;
        return HashScheduler.create(key, keyName, slots, eligible, before);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConsistentHash that
                && key == that.key
                && keyName.equals(that.keyName)
                && slots == that.slots;
    }

    @Override
    public int hashCode() {
        return Objects.hash(key, keyName, slots);
    }

    @Override
    public String toString() {
        String what = key.isOfRequests() ? " by " + (key.name().toLowerCase(Locale.ROOT) + " " + keyName).trim() : "";
        return name() + what + (slots == DEFAULT_SLOTS ? "" : "(" + slots + " slots)");
    }
}
