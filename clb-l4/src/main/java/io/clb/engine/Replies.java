package io.clb.engine;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;

/** How answers leave through a listening datagram socket. Confined to its loop. */
interface Replies {

    /**
     * Sends a datagram, with the next flush at the latest.
     *
     * @param datagram its payload, which may be empty; released
     * @return false if there is no room for it now, and it is lost
     */
    boolean send(InetSocketAddress client, ByteBuf datagram);

    /** Hands what waits to the system. */
    void flush();
}
