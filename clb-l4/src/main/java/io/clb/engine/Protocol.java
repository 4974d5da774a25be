package io.clb.engine;

import io.clb.ListenerConfig;
import io.clb.RuleConfig;
import io.clb.spi.Reason;
import io.netty.channel.socket.SocketChannel;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a listener speaks: the seam that protocols plug into, found by {@link java.util.ServiceLoader}, one object for each balancer. */
public interface Protocol {

    /**
     * Returns the protocol that this serves.
     *
     * @return the protocol of a listener's configuration
     */
    ListenerConfig.Protocol kind();

    /**
     * Tells, before anything else is called, whom this serves.
     *
     * @param loops the number of loops
     * @param balancer the balancer's name
     */
    default void start(int loops, String balancer) {}

    /** Gives pools to rules. */
    interface Pools {

        /**
         * Gives the pool of a server group, with the scheduler and the stickiness of a rule, or else of the listener; of the group that the rule mirrors to, with the
         * group's own scheduler and no stickiness.
         *
         * @param rule the rule
         * @param group the group's name
         * @return the pool
         */
        Pool of(RuleConfig rule, String group);
    }

    /**
     * Compiles what this protocol alone reads of a listener's configuration. Called by control, which keeps it in the {@link ListenerPlan}.
     *
     * @param config the listener, validated
     * @param pools gives the pools of its rules
     * @param rules gives a rule at run time
     * @return what {@link ListenerPlan#compiled()} returns
     */
    default Object compile(ListenerConfig config, Pools pools, Function<RuleConfig, RunRule> rules) {
        return config.name();
    }

    /**
     * Takes over a connection that passed the gate. Called on the connection's loop. From here on the protocol owns the channel, and ends the flow with
     * {@link Traffic#ended}, exactly once. Throws nothing after {@link Traffic#begin}.
     *
     * @param client the accepted channel, not registered with its event loop unless its header was read; then what came after that follows
     * @param origin who the client is
     * @param plan what the listener wants
     * @param loop the connection's loop
     * @param traffic where sockets come from and ended flows go
     */
    void accepted(SocketChannel client, Origin origin, ListenerPlan plan, Loop loop, Traffic traffic);

    /**
     * Takes over a client whose first datagram passed the gate, if this is a protocol of datagrams. Called on the loop of the socket that it came through, which
     * the flow lives on. The datagram itself, read here, follows by {@link DatagramFlow#fromClient}. The flow begins in here with {@link Traffic#begin}, and ends with
     * {@link Traffic#ended}, exactly once, maybe before this returns. Throws nothing after the former.
     *
     * @param first the datagram
     * @param socket the listening socket
     * @param plan what the listener wants
     * @param loop the socket's loop
     * @param traffic where sockets come from and ended flows go
     * @return the flow; null if it has ended already, and the datagram is dropped
     */
    default @Nullable DatagramFlow associated(
            FirstDatagram first, DatagramAcceptor socket, ListenerPlan plan, Loop loop, Traffic traffic) {
        throw new AssertionError("no protocol of datagrams");
    }

    /**
     * Tells what a connection that is turned away is answered. Called on the connection's loop; {@link #refused} follows at once.
     *
     * @param reason why it is turned away
     * @param loop the connection's loop
     * @return the status, or 0 if there is no answer but a reset
     */
    default int refusal(Reason reason, Loop loop) {
        return 0;
    }

    /**
     * Answers a connection that the gate turns away, has counted and recorded. Called on the connection's loop, only if {@link #refusal} gave a status.
     *
     * @param client the accepted channel, not registered with its event loop unless its header was read
     * @param plan what the listener wants
     * @param loop the connection's loop
     * @param status the answer
     * @param retryAfterSeconds when the client may come again; 0 if it is not told
     * @param reason why
     */
    default void refused(
            SocketChannel client, ListenerPlan plan, Loop loop, int status, long retryAfterSeconds, Reason reason) {
        throw new AssertionError("no answer was promised");
    }

    /**
     * Closes what this keeps on a loop towards some servers beside open flows, as their time to drain is over. Called on the loop.
     *
     * @param loop the loop
     * @param servers which
     */
    default void drained(Loop loop, Set<RunServer> servers) {}

    /**
     * Closes what this keeps on a loop beside open flows, such as idle connections to servers. Called on the loop, when the balancer ends.
     *
     * @param loop the loop
     */
    default void end(Loop loop) {}
}
