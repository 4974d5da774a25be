package io.clb.engine;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Addresses of 128 bits, as {@link io.clb.spi.Flow} has them. */
final class Addresses {

    /** Bits 63 to 32 of an IPv4-mapped address, whose upper half is 0. */
    private static final int MAPPED = 0xffff;

    private Addresses() {}

    static long high(@Nullable SocketAddress address) {
        return LoopFlow.high(raw(address));
    }

    static long low(@Nullable SocketAddress address) {
        return LoopFlow.low(raw(address));
    }

    private static byte[] raw(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getAddress()
                : new byte[0];
    }

    static boolean isIpv4(long high, long low) {
        return high == 0 && low >>> Integer.SIZE == MAPPED;
    }

    static byte[] bytes(long high, long low) {
        return ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array();
    }

    /** The address; of IPv4 if it is a mapped one. */
    static InetAddress of(long high, long low) {
        try {
            return InetAddress.getByAddress(bytes(high, low));
        } catch (UnknownHostException e) {
            throw new AssertionError("16 bytes are an address", e);
        }
    }
}
