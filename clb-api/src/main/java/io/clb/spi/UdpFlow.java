package io.clb.spi;

/** A UDP association, whose client has sent a datagram that no server has answered yet. */
public interface UdpFlow extends Flow {

    /** How much of a datagram is kept: the headers of protocols on UDP, with room to spare. */
    int FIRST_BYTES = 64;

    /**
     * Returns what the client's first datagram began with: the same at every pick, though the datagram itself may be gone.
     *
     * @return its first {@value #FIRST_BYTES} bytes, or all of it if it is shorter
     */
    Datagram first();
}
