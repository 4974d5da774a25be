package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.ProxyProtocol;
import io.clb.spi.ProxyHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.TransportProtocol;
import io.netty.handler.codec.haproxy.HAProxySSLTLV;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Headers of the PROXY protocol, read and written by Netty's codec. What is of its own: where a header ends, so that no byte after it is touched, and the checksum.
 */
final class ProxyCodec {

    /** There is no header. */
    static final int NONE = -1;

    /** There may be one: more has to come. */
    static final int UNDECIDED = 0;

    /** There is one, and it has no end, or one that is too far away. */
    static final int MALFORMED = -2;

    /** A line of version 1, CRLF included (section 2.1). */
    private static final int MAX_LINE = 107;

    /** The largest header of version 2 that is taken, as large as HAProxy's own buffer: a chain of certificates has room in it. */
    private static final int MAX_SIZE = 16 * 1_024;

    private static final byte[] LINE = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final String UNKNOWN_LINE = "PROXY UNKNOWN\r\n";
    private static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};

    /** Signature, version and command, family and transport, length. */
    private static final int FIXED = 16;

    private static final int CHECKSUM = 0x03;
    private static final int NOTHING = 0x04;
    private static final int TLV_HEAD = 3;

    private ProxyCodec() {}

    /**
     * Finds the header at the beginning of what came.
     *
     * @param bytes what came so far; its reader index stays
     * @return the header's length; or {@link #NONE}, {@link #UNDECIDED}, {@link #MALFORMED}
     */
    static int length(ByteBuf bytes) {
        if (begins(bytes, LINE)) {
            int end = bytes.indexOf(
                    bytes.readerIndex(), bytes.readerIndex() + Math.min(bytes.readableBytes(), MAX_LINE), (byte) '\n');
            if (end >= 0) {
                return end + 1 - bytes.readerIndex();
            }
            return bytes.readableBytes() < MAX_LINE ? UNDECIDED : MALFORMED;
        }
        if (begins(bytes, SIGNATURE)) {
            if (bytes.readableBytes() < FIXED) {
                return UNDECIDED;
            }
            int length = FIXED + bytes.getUnsignedShort(bytes.readerIndex() + FIXED - Short.BYTES);
            if (length > MAX_SIZE) {
                return MALFORMED;
            }
            return bytes.readableBytes() < length ? UNDECIDED : length;
        }
        return NONE;
    }

    /** Whether this is the beginning of a header and of nothing else. */
    static boolean isBegun(ByteBuf bytes) {
        int readable = bytes.readableBytes();
        return (readable >= LINE.length && begins(bytes, LINE))
                || (readable >= SIGNATURE.length && begins(bytes, SIGNATURE));
    }

    /**
     * Finds the header before a datagram, which is whole there or none. Of version 2 only: version 1 is for connections.
     *
     * @return the header's length; or {@link #NONE}, {@link #MALFORMED}
     */
    static int lengthBefore(ByteBuf datagram) {
        if (datagram.readableBytes() < SIGNATURE.length || !begins(datagram, SIGNATURE)) {
            return NONE;
        }
        int length = length(datagram);
        boolean whole =
                length >= FIXED && length >= FIXED + addressesLength(datagram.getByte(datagram.readerIndex() + 13));
        return whole ? length : MALFORMED;
    }

    /** What a header says of addresses, as it says it: command, family, and the addresses. */
    static byte[] addresses(ByteBuf header) {
        int at = header.readerIndex();
        byte[] bytes = new byte[2 + addressesLength(header.getByte(at + SIGNATURE.length + 1))];
        header.getBytes(at + SIGNATURE.length, bytes, 0, 2);
        header.getBytes(at + FIXED, bytes, 2, bytes.length - 2);
        return bytes;
    }

    /** Whether a header, which is whole, says the same of addresses as another did. */
    static boolean hasAddresses(ByteBuf header, byte[] addresses) {
        int at = header.readerIndex();
        for (int i = 0; i < addresses.length; i++) {
            if (header.getByte(at + (i < 2 ? SIGNATURE.length : FIXED - 2) + i) != addresses[i]) {
                return false;
            }
        }
        return addresses.length > 0;
    }

    /** Whether all there is so far agrees with a beginning. */
    private static boolean begins(ByteBuf bytes, byte[] beginning) {
        int common = Math.min(bytes.readableBytes(), beginning.length);
        return ByteBufUtil.equals(bytes, bytes.readerIndex(), Unpooled.wrappedBuffer(beginning), 0, common);
    }

    /**
     * Reads a header.
     *
     * @param header the header, whole, and nothing else; not released
     * @param kind what it came by: addresses of another kind are not the client's
     * @param own what the socket says, for headers that say nothing
     * @return what it says; null if it is malformed
     */
    static @Nullable Origin decode(ByteBuf header, TransportProtocol kind, Origin own) {
        if (!checks(header)) {
            return null;
        }
        HAProxyMessage message = message(header);
        if (message == null) {
            return null;
        }
        try {
            HAProxyProxiedProtocol of = message.proxiedProtocol();
            ProxyHeader rest = new Header(message);
            boolean ofClient = message.command() == HAProxyCommand.PROXY
                    && of.transportProtocol() == kind
                    && of.addressFamily() != HAProxyProxiedProtocol.AddressFamily.AF_UNIX;
            return ofClient
                    ? new Origin(
                            address(message.sourceAddress(), message.sourcePort()),
                            address(message.destinationAddress(), message.destinationPort()),
                            rest)
                    : new Origin(own.source(), own.destination(), rest);
        } finally {
            message.release();
        }
    }

    private static @Nullable HAProxyMessage message(ByteBuf header) {
        EmbeddedChannel decoder = new EmbeddedChannel(new HAProxyMessageDecoder(true));
        try {
            // A copy, as Netty (4.2.18) measures the header from where its buffer begins.
            decoder.writeInbound(header.copy());
            return decoder.readInbound();
        } catch (DecoderException e) {
            return null;
        } finally {
            decoder.close();
        }
    }

    private static SocketAddress address(String literal, int port) {
        return new InetSocketAddress(
                requireNonNull(NetUtil.createInetAddressFromIpAddressString(literal), "the codec takes literals only"),
                port);
    }

    /** Whether the entries of a header of version 2 end where it ends, and its checksum, if it has one, is right (section 2.2.3). */
    static boolean checks(ByteBuf header) {
        int start = header.readerIndex();
        int end = header.writerIndex();
        if (header.getByte(start) != SIGNATURE[0]) {
            return true;
        }
        int at = start + FIXED + addressesLength(header.getByte(start + 13));
        while (at + TLV_HEAD <= end) {
            int value = at + TLV_HEAD;
            int length = header.getUnsignedShort(at + 1);
            if (value + length > end) {
                return false;
            }
            if (header.getUnsignedByte(at) == CHECKSUM && !isRight(header, value, length)) {
                return false;
            }
            at = value + length;
        }
        return at == end;
    }

    private static int addressesLength(byte familyAndTransport) {
        return switch (familyAndTransport >> 4) {
            case 1 -> 12;
            case 2 -> 36;
            case 3 -> 216;
            default -> 0;
        };
    }

    private static boolean isRight(ByteBuf header, int value, int length) {
        if (length != Integer.BYTES) {
            return false;
        }
        byte[] bytes = ByteBufUtil.getBytes(header);
        int at = value - header.readerIndex();
        Arrays.fill(bytes, at, at + length, (byte) 0);
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        return (int) sum.getValue() == header.getInt(value);
    }

    /**
     * Writes the header of a flow.
     *
     * @param flow who it comes from and what it reached
     * @param version the form
     * @param stream whether it is of a connection; else of datagrams
     * @return the header, to be released
     */
    static ByteBuf encode(LoopFlow flow, ProxyProtocol.Version version, boolean stream) {
        boolean four = flow.isIpv4();
        HAProxyProxiedProtocol kind = stream
                ? (four ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6)
                : (four ? HAProxyProxiedProtocol.UDP4 : HAProxyProxiedProtocol.UDP6);
        boolean binary = version == ProxyProtocol.Version.V2;
        HAProxyMessage message = new HAProxyMessage(
                binary ? HAProxyProtocolVersion.V2 : HAProxyProtocolVersion.V1,
                HAProxyCommand.PROXY,
                kind,
                literal(flow.sourceHigh(), flow.sourceLow(), four),
                literal(flow.destinationHigh(), flow.destinationLow(), four),
                flow.sourcePort(),
                flow.destinationPort(),
                binary && flow.proxyHeader() instanceof Header came ? came.entries() : List.of());
        return bytes(message);
    }

    /**
     * Writes the header of what is the proxy's own, as its health checks are: {@code LOCAL}, in version 1 {@code UNKNOWN} (section 2).
     *
     * @param version the form
     * @return the header, to be released
     */
    static ByteBuf encodeOwn(ProxyProtocol.Version version) {
        return version == ProxyProtocol.Version.V1
                // The codec writes no line without addresses.
                ? Unpooled.copiedBuffer(UNKNOWN_LINE, StandardCharsets.US_ASCII)
                : bytes(new HAProxyMessage(
                        HAProxyProtocolVersion.V2,
                        HAProxyCommand.LOCAL,
                        HAProxyProxiedProtocol.UNKNOWN,
                        null,
                        null,
                        0,
                        0));
    }

    private static ByteBuf bytes(HAProxyMessage message) {
        EmbeddedChannel encoder = new EmbeddedChannel(HAProxyMessageEncoder.INSTANCE);
        try {
            encoder.writeOutbound(message);
            return requireNonNull(encoder.readOutbound());
        } finally {
            encoder.finishAndReleaseAll();
        }
    }

    private static String literal(long high, long low, boolean four) {
        byte[] address = Addresses.bytes(high, low);
        return four ? NetUtil.bytesToIpAddress(address, 12, 4) : NetUtil.bytesToIpAddress(address);
    }

    /** What a header says beside the addresses. */
    private static final class Header implements ProxyHeader {

        private final int version;
        private final int[] types;
        private final byte[][] values;

        Header(HAProxyMessage message) {
            List<HAProxyTLV> entries = outer(message.tlvs());
            version = message.protocolVersion() == HAProxyProtocolVersion.V1 ? 1 : 2;
            types = entries.stream()
                    .mapToInt(entry -> Byte.toUnsignedInt(entry.typeByteValue()))
                    .toArray();
            values = entries.stream()
                    .map(entry -> ByteBufUtil.getBytes(entry.content()))
                    .toArray(byte[][]::new);
        }

        /** The codec lists what is within an entry after it once more. */
        private static List<HAProxyTLV> outer(List<HAProxyTLV> listed) {
            List<HAProxyTLV> entries = new ArrayList<>();
            for (int i = 0; i < listed.size(); i++) {
                HAProxyTLV entry = listed.get(i);
                entries.add(entry);
                if (entry instanceof HAProxySSLTLV tls) {
                    i += tls.encapsulatedTLVs().size();
                }
            }
            return entries;
        }

        @Override
        public int version() {
            return version;
        }

        @Override
        public @Nullable ByteBuffer value(int type) {
            for (int i = 0; i < types.length; i++) {
                if (types[i] == type) {
                    return ByteBuffer.wrap(values[i]).asReadOnlyBuffer();
                }
            }
            return null;
        }

        @Override
        public int[] types() {
            return types.clone();
        }

        /** For the next one: all but what is about this header alone. */
        private List<HAProxyTLV> entries() {
            List<HAProxyTLV> entries = new ArrayList<>();
            for (int i = 0; i < types.length; i++) {
                if (types[i] != CHECKSUM && types[i] != NOTHING) {
                    entries.add(new HAProxyTLV((byte) types[i], Unpooled.wrappedBuffer(values[i])));
                }
            }
            return entries;
        }
    }
}
