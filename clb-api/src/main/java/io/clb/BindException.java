package io.clb;

import java.net.InetSocketAddress;

/** A listener could not listen. No listener does, or, from an update, nothing has changed. */
public final class BindException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String listener;
    private final InetSocketAddress address;

    /**
     * Builds the exception.
     *
     * @param listener the listener's name
     * @param address where it should have listened
     * @param cause what the system said
     */
    public BindException(String listener, InetSocketAddress address, Throwable cause) {
        super("listener " + listener + ": cannot listen on " + address + ": " + cause.getMessage(), cause);
        this.listener = listener;
        this.address = address;
    }

    /**
     * Returns which listener.
     *
     * @return its name
     */
    public String listener() {
        return listener;
    }

    /**
     * Returns where it should have listened.
     *
     * @return address and port
     */
    public InetSocketAddress address() {
        return address;
    }
}
