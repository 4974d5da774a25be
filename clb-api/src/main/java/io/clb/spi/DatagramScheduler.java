package io.clb.spi;

/**
 * A scheduler of UDP associations that learns from what servers send. Its {@link #pick} is handed a {@link UdpFlow} where the flow is an association.
 *
 * <p>Whether a pool's scheduler is one is looked at when an association begins: what its factory builds is always one, or never.
 */
public interface DatagramScheduler extends Scheduler {

    /**
     * Shows a datagram from a server, before the client has it. Called for each that is passed on, on event loops, by many of them at once: no lock, no allocation.
     *
     * @param server the server; it may be one that this scheduler does not have
     * @param datagram all of its payload, to read during this call only
     * @param nowNanos the loop's clock
     */
    void fromServer(Server server, Datagram datagram, long nowNanos);
}
