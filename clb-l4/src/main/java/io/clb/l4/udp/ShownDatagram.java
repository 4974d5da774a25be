package io.clb.l4.udp;

import io.clb.spi.Datagram;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** A datagram as a scheduler sees it. One object for an association, which shows one after the other. Confined to its loop. */
final class ShownDatagram implements Datagram {

    private ByteBuf payload = Unpooled.EMPTY_BUFFER;

    /** Shows a datagram from now on. */
    ShownDatagram of(ByteBuf shown) {
        payload = shown;
        return this;
    }

    /** Shows none any more. */
    void clear() {
        payload = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public int length() {
        return payload.readableBytes();
    }

    @Override
    public byte at(int index) {
        return payload.getByte(payload.readerIndex() + index);
    }
}
