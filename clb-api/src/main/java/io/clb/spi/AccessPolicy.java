package io.clb.spi;

/**
 * Says who may come in. Asked once for each new flow, on its event loop, before anything else is done for it: no lock, no blocking.
 */
@FunctionalInterface
public interface AccessPolicy {

    /**
     * Judges a flow by its addresses.
     *
     * @param flow the flow, to read during this call only
     * @return false to refuse it: a TCP connection is reset, a datagram dropped, with {@link Reason#ACCESS_DENIED}
     */
    boolean allows(Flow flow);
}
