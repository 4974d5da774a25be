package io.clb.schedule;

import static java.util.Objects.requireNonNull;

import io.clb.spi.FlowKind;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Scheduling by QUIC connection id ({@code qch}) with its settings. Immutable; the ranges are checked when the configuration is built. */
public final class QuicConnectionId implements SchedulerFactory {

    /** Ids remembered unless {@link #connectionIds(int)} says otherwise: 512 KiB a pool. Not measured. */
    public static final int DEFAULT_CONNECTION_IDS = 1 << 16;

    /** The tag of a server that holds the number which it writes into connection ids, in decimal digits. */
    public static final String NUMBER_TAG = "quic-number";

    /** The most bytes of a number. */
    public static final int MAX_NUMBER_BYTES = 4;

    /** The most bytes of a connection id (RFC 9000 17.2). */
    public static final int MAX_ID_BYTES = QuicHeader.MAX_ID;

    static final QuicConnectionId DEFAULT =
            new QuicConnectionId(ConsistentHash.DEFAULT_SLOTS, DEFAULT_CONNECTION_IDS, -1, 0);

    private final int slots;
    private final int connectionIds;

    /** -1 if there are no numbers. */
    private final int numberOffset;

    private final int numberBytes;

    private QuicConnectionId(int slots, int connectionIds, int numberOffset, int numberBytes) {
        this.slots = slots;
        this.connectionIds = connectionIds;
        this.numberOffset = numberOffset;
        this.numberBytes = numberBytes;
    }

    /**
     * Returns into how many parts the hashes are divided.
     *
     * @return slots
     */
    public int slots() {
        return slots;
    }

    /**
     * Returns the same with another number of slots, see {@link ConsistentHash#slots(int)}.
     *
     * @param count 65,536 to 1,048,576
     * @return the new setting
     */
    public QuicConnectionId slots(int count) {
        return new QuicConnectionId(count, connectionIds, numberOffset, numberBytes);
    }

    /**
     * Returns how many connection ids are remembered.
     *
     * @return entries
     */
    public int connectionIds() {
        return connectionIds;
    }

    /**
     * Returns the same with room for another number of connection ids, 8 bytes each for every pool. When they are too few, those that were learnt or looked for
     * longest ago give way, and their connections do not survive a change of the client's address any more; {@code Snapshot.ServerGroup.forgotten()} counts them.
     * Two for each connection that is begun within the time that one lasts are enough.
     *
     * @param count 1,024 to 16,777,216; rounded up to a power of two
     * @return the new setting
     */
    public QuicConnectionId connectionIds(int count) {
        return new QuicConnectionId(slots, count, numberOffset, numberBytes);
    }

    /**
     * Returns the same, knowing that servers write a number of their own into each connection id that they choose: so ids that were never seen, as they travelled
     * encrypted, are known too, on every balancer node and after a restart, and connections survive deliberate migration (RFC 9000 9). The number of a server is its
     * tag {@value #NUMBER_TAG}, which all servers then need: {@code s.tag("quic-number", "7")}. It stands in the id as it is, the highest byte first, as in
     * the plaintext form of draft-ietf-quic-load-balancers, where the offset is 1; everybody can read it.
     *
     * @param offset how many bytes of the id come before it: 0 to 19; -1, with 0 bytes, for ids without numbers, as it is unless set
     * @param bytes how many bytes it has: 1 to 4, and all of them within 20 bytes of id
     * @return the new setting
     */
    public QuicConnectionId serverNumberAt(int offset, int bytes) {
        return new QuicConnectionId(slots, connectionIds, offset, bytes);
    }

    /**
     * Returns how many bytes of an id come before the number of its server.
     *
     * @return the offset; -1 if there are no numbers
     */
    public int serverNumberOffset() {
        return numberOffset;
    }

    /**
     * Returns how many bytes the number of a server has.
     *
     * @return the bytes; 0 if there are no numbers
     */
    public int serverNumberBytes() {
        return numberBytes;
    }

    /**
     * Returns the number that a server writes into ids.
     *
     * @param tags the tags of the server
     * @return 0 to what the bytes hold; -1 if its tag is missing, or no such number
     */
    public long serverNumber(Map<String, String> tags) {
        String text = requireNonNull(tags, "tags").get(NUMBER_TAG);
        if (text == null || !text.matches("[0-9]{1,10}")) {
            return -1;
        }
        long number = Long.parseLong(text);
        return number < 1L << (Byte.SIZE * numberBytes) ? number : -1;
    }

    @Override
    public String name() {
        return "qch";
    }

    /** Only datagrams are packets of QUIC. */
    @Override
    public boolean serves(FlowKind kind) {
        return kind == FlowKind.ASSOCIATION;
    }

    @Override
    public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
        requireNonNull(eligible, "eligible");
        return QuicScheduler.create(this, eligible, previous instanceof QuicScheduler before ? before : null);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof QuicConnectionId that
                && slots == that.slots
                && connectionIds == that.connectionIds
                && numberOffset == that.numberOffset
                && numberBytes == that.numberBytes;
    }

    @Override
    public int hashCode() {
        return ((31 * slots + connectionIds) * 31 + numberOffset) * 31 + numberBytes;
    }

    @Override
    public String toString() {
        String number = numberOffset < 0 ? "" : ", number of " + numberBytes + " bytes at " + numberOffset;
        return equals(DEFAULT) ? name() : name() + "(" + slots + " slots, " + connectionIds + " ids" + number + ")";
    }
}
