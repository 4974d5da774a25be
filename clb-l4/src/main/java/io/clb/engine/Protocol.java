package io.clb.engine;

import io.clb.ListenerConfig;
import io.netty.channel.socket.SocketChannel;

/** What a listener speaks: the seam that protocols plug into, found by {@link java.util.ServiceLoader}. */
public interface Protocol {

    /**
     * Returns the protocol that this serves.
     *
     * @return the protocol of a listener's configuration
     */
    ListenerConfig.Protocol kind();

    /**
     * Takes over a connection that passed the gate. Called on the connection's loop. From here on the protocol owns the channel, and ends the flow with
     * {@link Traffic#ended}, exactly once. Throws nothing after {@link Traffic#begin}.
     *
     * @param client the accepted channel, not registered with its event loop yet
     * @param plan what the listener wants
     * @param loop the connection's loop
     * @param traffic where sockets come from and ended flows go
     */
    void accepted(SocketChannel client, ListenerPlan plan, Loop loop, Traffic traffic);
}
