package io.clb.spi;

/**
 * Says who may come in. Asked once for each new flow, on its event loop, before anything else is done for it: no lock, no blocking.
 *
 * <p>Give an instance to a listener ({@code .access(myPolicy)}), or offer it by name: list the class in
 * {@code META-INF/services/io.clb.spi.AccessPolicy} (and {@code provides} in a module), give it a {@link #name()}, and
 * {@code Extensions.accessPolicy("...")} finds it.
 */
@FunctionalInterface
public interface AccessPolicy {

    /**
     * Returns the name that {@code Extensions.accessPolicy} finds this by.
     *
     * @return the name; the class's simple name unless overridden
     */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * Judges a flow by its addresses.
     *
     * @param flow the flow, to read during this call only
     * @return false to refuse it: a TCP connection is reset, a datagram dropped, with {@link Reason#ACCESS_DENIED}
     */
    boolean allows(Flow flow);
}
