package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How one channel is read: when its protocol wants to, and under bandwidth limits when it is its turn, and no more than that allows. Confined to one loop.
 *
 * <p>Netty asks how large a buffer to read into when it knows that there is something to read. Where none may be, it gets an empty one, reading stops, and the turn is
 * waited for; the FIN of the other end waits behind what it sent. Netty would take the 0 bytes that such a read returns for that FIN, so it is not told of them.
 */
public final class Reading implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle {

    /**
     * Reads begin at 2 KiB and grow to 256 KiB while they fill: fewer system calls for bulk, small buffers for small messages. Compared with other
     * sizes in docs/benchmarks.md.
     */
    private static final RecvByteBufAllocator SIZES = new AdaptiveRecvByteBufAllocator(512, 2_048, 256 * 1_024);

    // links of the list that this is on
    @Nullable
    Readings on;

    @Nullable
    Reading before;

    @Nullable
    Reading after;

    /** When its turn is over. */
    long untilNanos;

    private final SocketChannel channel;
    private final Loop loop;
    private final Direction direction;
    private final ExtendedHandle sizes = (ExtendedHandle) SIZES.newHandle();
    private PaceSource source;
    private @Nullable Pace pace;
    private @Nullable Runnable onRefusal;
    private int allowed;
    private boolean wanted;
    private boolean waiting;
    private boolean nothing;

    /**
     * Prepares to read a channel.
     *
     * @param channel not yet registered
     * @param loop its loop
     * @param direction which way goes what is read
     * @param source whose bandwidth limits hold
     * @param wanted whether to read at once
     */
    public Reading(SocketChannel channel, Loop loop, Direction direction, PaceSource source, boolean wanted) {
        this.channel = channel;
        this.loop = loop;
        this.direction = direction;
        this.source = source;
        this.wanted = wanted;
    }

    /**
     * Returns how a client's channel is read: as it was so far, if its header was read already, as Netty asks a channel for its allocator only once.
     *
     * @param channel registered or not
     * @param loop its loop
     * @param direction which way goes what is read
     * @param source whose bandwidth limits hold
     * @param wanted whether to read at once
     * @return the one that the channel has, or one for it
     */
    public static Reading of(SocketChannel channel, Loop loop, Direction direction, PaceSource source, boolean wanted) {
        RecvByteBufAllocator before = channel.config().getRecvByteBufAllocator();
        if (before instanceof Reading reading) {
            reading.want(wanted);
            return reading;
        }
        return new Reading(channel, loop, direction, source, wanted);
    }

    /**
     * Sets whether the protocol wants more.
     *
     * @param more false while what was read cannot be passed on
     */
    public void want(boolean more) {
        wanted = more;
        if (!waiting && channel.isOpen()) {
            channel.config().setAutoRead(more);
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

    @Override
    @SuppressWarnings("deprecation") // as Netty declares it
    public Handle newHandle() {
        return this;
    }

    @Override
    public void reset(ChannelConfig config) {
        sizes.reset(config);
        nothing = false;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator alloc) {
        Pace current = source.pace(direction);
        if (current == null && pace == null) {
            return sizes.allocate(alloc);
        }
        if (current != pace) {
            change(current);
        }
        if (current == null) {
            return sizes.allocate(alloc);
        }
        if (waiting || (allowed == 0 && !takeTurn(current))) {
            nothing = true;
            return Unpooled.EMPTY_BUFFER;
        }
        return alloc.ioBuffer(Math.min(allowed, sizes.guess()));
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
    private boolean takeTurn(Pace current) {
        Line line = current.line(loop);
        allowed = line.take(sizes.guess());
        if (allowed > 0) {
            return true;
        }
        waiting = true;
        channel.config().setAutoRead(false);
        if (onRefusal != null && current.refuses(loop)) {
            current.refused(loop);
            // Not now: the channel is being read.
            loop.execute(onRefusal);
        } else {
            line.join(this);
        }
        return false;
    }

    /** It may read now. False if it does not want to. */
    boolean turn(int bytes) {
        waiting = false;
        if (!wanted || !channel.isActive()) {
            return false;
        }
        allowed = bytes;
        channel.config().setAutoRead(true);
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

    /** Its channel is closed, or soon will be: others may have its turn. */
    public void gone() {
        change(null);
    }

    /** Whether another limit is in force than the one whose turn it waits for, or the channel is no more. */
    boolean isOvertaken(Pace waitedFor) {
        return source.pace(direction) != waitedFor || !channel.isActive();
    }

    /** There is no point in waiting any more: it reads, and is judged anew. */
    void released() {
        waiting = false;
        if (channel.isActive()) {
            channel.config().setAutoRead(wanted);
        }
    }

    @Override
    public void lastBytesRead(int bytes) {
        if (nothing) {
            return;
        }
        sizes.lastBytesRead(bytes);
        if (bytes > 0 && pace != null) {
            allowed -= bytes;
            pace.passed(bytes, loop);
        }
    }

    @Override
    public int lastBytesRead() {
        return nothing ? 0 : sizes.lastBytesRead();
    }

    @Override
    public void attemptedBytesRead(int bytes) {
        if (!nothing) {
            sizes.attemptedBytesRead(bytes);
        }
    }

    @Override
    public int attemptedBytesRead() {
        return nothing ? 0 : sizes.attemptedBytesRead();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
        return sizes.continueReading(maybeMoreData) && mayGoOn();
    }

    @Override
    public boolean continueReading() {
        return sizes.continueReading() && mayGoOn();
    }

    /** After each turn the others come first, also where there is more bandwidth: another is taken when the loop comes round. */
    private boolean mayGoOn() {
        return pace == null || allowed > 0;
    }

    @Override
    public void readComplete() {
        sizes.readComplete();
        // Whose turn it is may read again, as long as it lasts.
        if (allowed > 0 && on == null) {
            giveBackTurn();
        }
    }

    @Override
    public void incMessagesRead(int messages) {
        sizes.incMessagesRead(messages);
    }

    @Override
    public int guess() {
        return sizes.guess();
    }
}
