package io.clb.spi;

/** The payload of a datagram, or what it begins with. A view, valid only during the call that it is handed to, and only on that call's thread. */
public interface Datagram {

    /**
     * Returns how many bytes can be read.
     *
     * @return 0 or more
     */
    int length();

    /**
     * Returns a byte.
     *
     * @param index 0 to {@code length() - 1}
     * @return the byte
     */
    byte at(int index);
}
