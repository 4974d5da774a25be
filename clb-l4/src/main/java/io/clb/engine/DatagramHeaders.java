package io.clb.engine;

import io.clb.ProxyProtocol;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.TransportProtocol;
import org.jspecify.annotations.Nullable;

/**
 * The headers of the PROXY protocol before the datagrams of one association: that of the first one says whose it is, and those that follow must say the same. A proxy
 * sends the datagrams of each client from a port of its own, as it could not tell the answers apart otherwise; where it gives the port to another client, another association
 * begins. Confined to the loop of the listening socket.
 */
public final class DatagramHeaders {

    /** What to do with a datagram that follows. */
    enum Next {
        /** It is the same client's. */
        SAME,
        /** It is another client's, or its header has to be judged. */
        OTHER,
        /** Its header is none, and nobody's. */
        MALFORMED
    }

    private static final byte[] NO_HEADER = {};

    private final ProxyProtocol wanted;
    private Origin origin;
    private @Nullable Reason refusal;
    private byte[] addresses = NO_HEADER;

    /**
     * Reads the first header.
     *
     * @param first the datagram; its header, if it has a sound one, is skipped
     * @param own what the sockets say
     */
    DatagramHeaders(ProxyProtocol wanted, ByteBuf first, Origin own) {
        this.wanted = wanted;
        this.origin = own;
        this.refusal = read(first, own);
    }

    private @Nullable Reason read(ByteBuf first, Origin own) {
        boolean trusted = wanted.trusts(Addresses.high(own.source()), Addresses.low(own.source()));
        int length = ProxyCodec.lengthBefore(first);
        boolean without = length == ProxyCodec.NONE;
        if (!trusted && (wanted.isRequired() || !without)) {
            return Reason.PROXY_UNTRUSTED;
        }
        if (without) {
            return wanted.isRequired() ? Reason.PROXY_HEADER_MISSING : null;
        }
        Origin told = length == ProxyCodec.MALFORMED
                ? null
                : ProxyCodec.decode(first.slice(first.readerIndex(), length), TransportProtocol.DGRAM, own);
        if (told == null) {
            return Reason.PROXY_HEADER_MALFORMED;
        }
        origin = told;
        addresses = ProxyCodec.addresses(first);
        first.skipBytes(length);
        return null;
    }

    Origin origin() {
        return origin;
    }

    /** Why the first datagram is dropped; null if it is not. */
    @Nullable
    Reason refusal() {
        return refusal;
    }

    /**
     * Looks at a datagram that follows.
     *
     * @param datagram the datagram; its header is skipped if it is the same client's
     */
    Next next(ByteBuf datagram) {
        int length = ProxyCodec.lengthBefore(datagram);
        if (length == ProxyCodec.NONE) {
            return addresses.length == 0 ? Next.SAME : wanted.isRequired() ? Next.MALFORMED : Next.OTHER;
        }
        if (length == ProxyCodec.MALFORMED) {
            return Next.MALFORMED;
        }
        if (!ProxyCodec.checks(datagram.slice(datagram.readerIndex(), length))) {
            return Next.MALFORMED;
        }
        if (!ProxyCodec.hasAddresses(datagram, addresses)) {
            return Next.OTHER;
        }
        datagram.skipBytes(length);
        return Next.SAME;
    }
}
