package io.clb.l7;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * What flows through a tunnel in one direction. It goes on as it came, until this way is to be closed: then the receiver is sent a close frame of ours as soon as a frame has ended, and
 * what the sender still sends is only looked at for its own close frame. Confined to one loop.
 */
final class TunnelWay {

    /** A close frame's first two bytes without a mask, and its status 1001, "going away": RFC 6455 sections 5.5.1 and 7.4.1. */
    private static final int CLOSE = 0x88;

    private static final int STATUS_LENGTH = 2;
    private static final int MASKED = 0x80;
    private static final int GOING_AWAY = 1001;

    /** With a mask. */
    private static final int CLOSE_FRAME = 8;

    private final FrameScanner frames = new FrameScanner();
    private final boolean masked;
    private final int maskingKey;
    private boolean closing;
    private boolean cut;

    /**
     * Opens one.
     *
     * @param masked whether what is sent this way is masked, as all is that goes to servers (section 5.3)
     * @param maskingKey with what
     */
    TunnelWay(boolean masked, int maskingKey) {
        this.masked = masked;
        this.maskingKey = maskingKey;
    }

    /**
     * Tells what of bytes that came goes on.
     *
     * @param in what came, released unless it is returned
     * @return what goes on, the receiver's to release
     */
    ByteBuf pass(ByteBuf in) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        int goesOn = cut ? at : end;
        while (at < end) {
            at = frames.next(in, at, end);
            if (closing && !cut && mayCut()) {
                cut = true;
                goesOn = at;
            }
        }
        return cut ? cutAt(in, goesOn) : in;
    }

    private ByteBuf cutAt(ByteBuf in, int goesOn) {
        boolean justNow = goesOn > in.readerIndex();
        ByteBuf last = justNow ? in.readRetainedSlice(goesOn - in.readerIndex()) : Unpooled.EMPTY_BUFFER;
        in.release();
        return justNow ? Unpooled.wrappedBuffer(last, closeFrame()) : last;
    }

    private boolean mayCut() {
        return frames.isBetweenFrames() && !frames.isClosed();
    }

    /**
     * Closes this way.
     *
     * @return the close frame if it can be sent now; else it comes from {@link #pass}
     */
    @Nullable
    ByteBuf close() {
        closing = true;
        if (!mayCut()) {
            return null;
        }
        cut = true;
        return closeFrame();
    }

    private ByteBuf closeFrame() {
        ByteBuf frame = Unpooled.buffer(CLOSE_FRAME);
        frame.writeByte(CLOSE);
        if (masked) {
            frame.writeByte(MASKED | STATUS_LENGTH).writeInt(maskingKey);
            return frame.writeShort(GOING_AWAY ^ (maskingKey >>> Short.SIZE));
        }
        return frame.writeByte(STATUS_LENGTH).writeShort(GOING_AWAY);
    }

    /** Whether the sender's close frame came. */
    boolean isClosedBySender() {
        return frames.isClosed();
    }

    /** Whether the receiver was sent a close frame, the sender's or ours. */
    boolean isClosedToReceiver() {
        return cut || frames.isClosed();
    }
}
