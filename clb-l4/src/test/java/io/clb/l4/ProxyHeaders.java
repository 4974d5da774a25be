package io.clb.l4;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Headers of the PROXY protocol, byte by byte as its document has them. */
public final class ProxyHeaders {

    static final int PROXY = 0x21;
    static final int LOCAL = 0x20;
    static final int TCP4 = 0x11;
    static final int UDP4 = 0x12;
    static final int TCP6 = 0x21;
    static final int UNIX = 0x31;
    static final int CHECKSUM = 3;

    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

    private ProxyHeaders() {}

    /** A line of version 1. */
    static byte[] line(String text) {
        return (text + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** The addresses of a header of version 2. */
    static byte[] addresses(String source, int sourcePort, String destination, int destinationPort) {
        byte[] from = new InetSocketAddress(source, 0).getAddress().getAddress();
        byte[] to = new InetSocketAddress(destination, 0).getAddress().getAddress();
        return ByteBuffer.allocate(from.length + to.length + 4)
                .put(from)
                .put(to)
                .putShort((short) sourcePort)
                .putShort((short) destinationPort)
                .array();
    }

    /** A header of version 2 for a client at 192.0.2.7:1111 that reached 198.51.100.9:2222. */
    public static byte[] binary(byte[]... entries) {
        return binary(PROXY, TCP4, addresses("192.0.2.7", 1_111, "198.51.100.9", 2_222), entries);
    }

    static byte[] binary(int versionAndCommand, int family, byte[] addresses, byte[]... entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            int length = addresses.length;
            for (byte[] entry : entries) {
                length += entry.length;
            }
            out.write(SIGNATURE);
            out.write(versionAndCommand);
            out.write(family);
            out.writeShort(length);
            out.write(addresses);
            for (byte[] entry : entries) {
                out.write(entry);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** An entry beside the addresses. */
    static byte[] entry(int type, byte[] value) {
        return ByteBuffer.allocate(3 + value.length)
                .put((byte) type)
                .putShort((short) value.length)
                .put(value)
                .array();
    }

    static byte[] entry(int type, String value) {
        return entry(type, value.getBytes(StandardCharsets.US_ASCII));
    }

    /** The same with a checksum at its end, which is right if nothing is added to it. */
    static byte[] summed(byte[] addresses, int added) {
        byte[] header = binary(PROXY, TCP4, addresses, entry(CHECKSUM, new byte[4]));
        CRC32C sum = new CRC32C();
        sum.update(header);
        ByteBuffer.wrap(header).putInt(header.length - 4, (int) sum.getValue() + added);
        return header;
    }
}
