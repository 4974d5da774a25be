package io.clb.spi;

/**
 * Sees what happens. One that throws is counted and harms nobody.
 *
 * <p>Methods are called on the balancer's own threads and must return at once; blocking calls, {@code LoadBalancer.update} and
 * {@code LoadBalancer.close} are refused there ({@code updateAsync} is not).
 */
public interface TrafficObserver {

    /**
     * A flow ended, for whatever reason, refused ones included. Called on the flow's event loop, so on many at once.
     *
     * @param record what there is to know; reused for the next flow as soon as this call returns
     */
    default void flowEnded(FlowRecord record) {}

    /**
     * A server changed its state. Called on the control thread, one at a time.
     *
     * @param group the name of its group
     * @param server the server
     * @param from the state before
     * @param to the state now
     * @param why in a few words
     */
    default void serverStateChanged(String group, Server server, ServerState from, ServerState to, String why) {}
}
