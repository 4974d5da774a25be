package io.clb;

import static java.util.Objects.requireNonNull;

import java.net.InetSocketAddress;

/** A listener could not listen. No listener does, or, from an update, nothing has changed. */
public final class BindException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The listener's name. */
    private final String listener;

    /** Where it should have listened. */
    private final InetSocketAddress address;

    /**
     * Builds the exception.
     *
     * @param listener the listener's name
     * @param address where it should have listened
     * @param cause what the system said
     */
    public BindException(String listener, InetSocketAddress address, Throwable cause) {
        super(
                "listener " + requireNonNull(listener, "listener") + ": cannot listen on "
                        + requireNonNull(address, "address") + ": "
                        + requireNonNull(cause, "cause").getMessage(),
                cause);
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
