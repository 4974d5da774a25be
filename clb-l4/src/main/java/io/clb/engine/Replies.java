package io.clb.engine;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;

/** How answers leave through a listening datagram socket. Confined to its loop. */
interface Replies {

    /**
     * Sends a datagram, with the next flush at the latest.
     *
     * @param datagram its payload, which may be empty; released
     * @return how many datagrams are known by now to be lost, this one or earlier ones, as there was no room for them
     */
    int send(InetSocketAddress client, ByteBuf datagram);

    /**
     * Hands what waits to the system.
     *
     * @return how many are lost
     */
    int flush();
}
