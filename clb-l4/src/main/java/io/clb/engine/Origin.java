package io.clb.engine;

import io.clb.spi.ProxyHeader;
import io.netty.channel.socket.SocketChannel;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who a flow comes from and what it reached: what its socket says, or the header of a trusted proxy.
 *
 * @param source the client; null if the system does not know any more
 * @param destination the address that the client reached; null likewise
 * @param header the header; null if there was none
 * @param tls what was agreed on in the TLS handshake; null if there was none
 */
public record Origin(
        @Nullable SocketAddress source,
        @Nullable SocketAddress destination,
        @Nullable ProxyHeader header,
        @Nullable TlsSession tls) {

    /**
     * Of one that has made no TLS handshake.
     *
     * @param source the client
     * @param destination the address that the client reached
     * @param header the header
     */
    public Origin(@Nullable SocketAddress source, @Nullable SocketAddress destination, @Nullable ProxyHeader header) {
        this(source, destination, header, null);
    }

    /** The same, when the handshake is done. */
    Origin with(TlsSession agreed) {
        return new Origin(source, destination, header, agreed);
    }

    /** What the socket of a connection says. */
    static Origin of(SocketChannel client) {
        return new Origin(client.remoteAddress(), client.localAddress(), null);
    }
}
