package io.clb.engine;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A client's first datagram.
 *
 * @param sender whom answers go to
 * @param origin who the client is
 * @param payload without a header, to be read only while it is handed over
 * @param headers what the headers before the datagrams that follow must be; null where none are read
 */
public record FirstDatagram(
        InetSocketAddress sender,
        Origin origin,
        ByteBuf payload,
        @Nullable DatagramHeaders headers) {}
