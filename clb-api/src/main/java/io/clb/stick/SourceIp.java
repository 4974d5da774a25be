package io.clb.stick;

import static java.util.Objects.requireNonNull;

import io.clb.spi.GroupView;
import io.clb.spi.SessionSticker;
import io.clb.spi.SessionStickerFactory;
import io.clb.table.SlotTable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Source-IP stickiness with its settings. Immutable; the ranges are checked when the configuration is built. */
public final class SourceIp implements SessionStickerFactory {

    /** Entries unless {@link #capacity(int)} says otherwise: 512 KiB a pool. Not measured; clients beyond it share the newest 65,536. */
    public static final int DEFAULT_CAPACITY = 1 << 16;

    private final Duration idle;
    private final int capacity;

    SourceIp(Duration idle, int capacity) {
        this.idle = requireNonNull(idle, "idle");
        this.capacity = capacity;
    }

    /**
     * Returns how long a client is remembered after its last flow.
     *
     * @return the idle time
     */
    public Duration idle() {
        return idle;
    }

    /**
     * Returns for how many clients there is room.
     *
     * @return entries
     */
    public int capacity() {
        return capacity;
    }

    /**
     * Returns the same stickiness with room for another number of clients, 8 bytes each.
     *
     * @param entries 1,024 to 16,777,216; rounded up to a power of two
     * @return the new setting
     */
    public SourceIp capacity(int entries) {
        return new SourceIp(idle, entries);
    }

    @Override
    public SessionSticker create(GroupView eligible, @Nullable SessionSticker previous) {
        requireNonNull(eligible, "eligible");
        SlotTable table = previous instanceof SourceIpSticker before
                ? before.table()
                : new SlotTable(capacity, idle.toSeconds(), eligible.seed());
        return new SourceIpSticker(table, eligible);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SourceIp that && idle.equals(that.idle) && capacity == that.capacity;
    }

    @Override
    public int hashCode() {
        return 31 * idle.hashCode() + capacity;
    }

    @Override
    public String toString() {
        return "sourceIp(" + idle + ", capacity " + capacity + ")";
    }
}
