package io.clb.spi;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The header of the PROXY protocol that a flow came with: what it says of the client's address is in the {@link Flow} itself, this is the rest. Immutable, for any
 * thread, and unlike the flow valid for good.
 *
 * <p>Source: The PROXY protocol, versions 1 and 2 (HAProxy Technologies, 2020), section 2.2.
 */
public interface ProxyHeader {

    /** The protocol above the connection, as ALPN names it ({@code PP2_TYPE_ALPN}). */
    int ALPN = 0x01;

    /** The host name that the client asked for, such as TLS's server name ({@code PP2_TYPE_AUTHORITY}). */
    int AUTHORITY = 0x02;

    /** An identifier of the connection ({@code PP2_TYPE_UNIQUE_ID}). */
    int UNIQUE_ID = 0x05;

    /** What is known of the client's TLS ({@code PP2_TYPE_SSL}). */
    int SSL = 0x20;

    /** The name of the network namespace ({@code PP2_TYPE_NETNS}). */
    int NETNS = 0x30;

    /**
     * Returns the version of the header.
     *
     * @return 1 or 2
     */
    int version();

    /**
     * Returns the value of a type, of the first entry that has it.
     *
     * @param type 0 to 255, such as {@link #AUTHORITY}
     * @return its bytes, read-only; null if the header has none of that type, as those of version 1 have not
     */
    @Nullable
    ByteBuffer value(int type);

    /**
     * Returns the types that the header has values of.
     *
     * @return 0 to 255 each, in the header's order; one of which there are several stands for each
     */
    int[] types();
}
