package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * How one of Netty's channels is read. Confined to one loop.
 *
 * <p>Netty asks how large a buffer to read into when it knows that there is something to read. Where none may be, it gets an empty one, reading stops, and the turn is
 * waited for; the FIN of the other end waits behind what it sent. Netty would take the 0 bytes that such a read returns for that FIN, so it is not told of them.
 */
public final class ChannelReading extends Reading implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle {

    /**
     * Reads begin at 2 KiB and grow to 256 KiB while they fill: fewer system calls for bulk, small buffers for small messages. Compared with other
     * sizes in docs/benchmarks.md.
     */
    private static final RecvByteBufAllocator SIZES = new AdaptiveRecvByteBufAllocator(512, 2_048, 256 * 1_024);

    private final SocketChannel channel;
    private final ExtendedHandle sizes = (ExtendedHandle) SIZES.newHandle();
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
    public ChannelReading(SocketChannel channel, Loop loop, Direction direction, PaceSource source, boolean wanted) {
        super(loop, direction, source, wanted);
        this.channel = channel;
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
    public static ChannelReading of(
            SocketChannel channel, Loop loop, Direction direction, PaceSource source, boolean wanted) {
        RecvByteBufAllocator before = channel.config().getRecvByteBufAllocator();
        if (before instanceof ChannelReading reading) {
            reading.want(wanted);
            return reading;
        }
        return new ChannelReading(channel, loop, direction, source, wanted);
    }

    @Override
    protected boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    protected void read(boolean on) {
        channel.config().setAutoRead(on);
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
        int most = allowance(sizes.guess());
        if (most == ANY) {
            return sizes.allocate(alloc);
        }
        nothing = most == 0;
        return nothing ? Unpooled.EMPTY_BUFFER : alloc.ioBuffer(most);
    }

    @Override
    public void lastBytesRead(int bytes) {
        if (!nothing) {
            sizes.lastBytesRead(bytes);
            passed(bytes);
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

    @Override
    public void readComplete() {
        sizes.readComplete();
        rests();
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
