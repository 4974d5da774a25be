package io.clb.l7;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Compresses the body of one response (RFC 1952), which comes framed and leaves without. Confined to its loop. */
final class GzipBody {

    /** No name, no time, an unknown system. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private static final byte[] NOTHING = {};

    /** What is asked for at least to write into. */
    private static final int ROOM = 512;

    private final HttpLoop loop;
    private final ByteBufAllocator allocator;
    private final Deflater deflater;
    private final CRC32 checksum = new CRC32();
    private final BodyScanner framing = new BodyScanner();
    private long size;
    private boolean begun;
    private boolean unflushed;

    /**
     * Begins.
     *
     * @param deflater raw, and new or reset; goes back to the loop
     * @param response says how the body is framed
     */
    GzipBody(HttpLoop loop, Deflater deflater, ByteBufAllocator allocator, Head response) {
        this.loop = loop;
        this.deflater = deflater;
        this.allocator = allocator;
        if (response.chunked) {
            framing.chunked();
        } else if (response.hasContentLength()) {
            framing.length(response.contentLength);
        } else {
            framing.untilClose();
        }
    }

    /**
     * Compresses a part, or keeps it for later.
     *
     * @param part as it came, with what frames it; released
     * @return what is ready to be sent; maybe nothing
     */
    ByteBuf add(ByteBuf part) {
        ByteBuf content = allocator.directBuffer(part.readableBytes());
        try {
            framing.scan(part, content);
            if (!content.isReadable()) {
                return Unpooled.EMPTY_BUFFER;
            }
            ByteBuffer bytes = content.nioBuffer();
            size += bytes.remaining();
            checksum.update(bytes.duplicate());
            deflater.setInput(bytes);
            unflushed = true;
            ByteBuf ready = deflate(Deflater.NO_FLUSH);
            // It has taken all of it, and is not to keep the buffer.
            deflater.setInput(NOTHING);
            return ready;
        } finally {
            content.release();
            part.release();
        }
    }

    /** All that came so far is to reach the client. */
    ByteBuf flush() {
        if (!unflushed) {
            return Unpooled.EMPTY_BUFFER;
        }
        unflushed = false;
        return deflate(Deflater.SYNC_FLUSH);
    }

    /** The body is complete. */
    ByteBuf finish() {
        deflater.finish();
        ByteBuf last = deflate(Deflater.NO_FLUSH);
        last.writeIntLE((int) checksum.getValue());
        return last.writeIntLE((int) size);
    }

    private ByteBuf deflate(int flush) {
        ByteBuf out = allocator.directBuffer(ROOM);
        if (!begun) {
            out.writeBytes(HEADER);
        }
        int written;
        do {
            out.ensureWritable(ROOM);
            ByteBuffer room = out.nioBuffer(out.writerIndex(), out.writableBytes());
            written = deflater.deflate(room, flush);
            out.writerIndex(out.writerIndex() + written);
            // It has more to say only if it used all the room there was.
        } while (out.writableBytes() == 0 && written > 0);
        if (!begun && out.readableBytes() == HEADER.length) {
            // Not by itself.
            return out.clear();
        }
        begun = true;
        return out;
    }

    /** It is over, complete or not. */
    void end() {
        loop.giveDeflater(deflater);
    }
}
