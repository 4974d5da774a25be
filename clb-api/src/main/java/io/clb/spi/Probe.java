package io.clb.spi;

import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One probe of one server. Immutable; may be kept and read on any thread. */
public interface Probe {

    /**
     * Returns the server to judge.
     *
     * @return the server
     */
    Server server();

    /**
     * Returns the host to probe.
     *
     * @return a name or an address literal without brackets
     */
    String host();

    /**
     * Returns the port to probe: the health check's own if it names one, else the server's.
     *
     * @return 1 to 65535; 0 if neither has one
     */
    int port();

    /**
     * Returns the address of this machine to probe from.
     *
     * @return an IPv4 or IPv6 literal without brackets, or null for whichever routing picks
     */
    default @Nullable String sourceAddress() {
        return null;
    }

    /**
     * Returns how long the probe may take.
     *
     * @return the timeout
     */
    Duration timeout();

    /**
     * Returns where work that blocks may run: a small bounded pool, shared by all probes of the balancer. When it is full the probe is
     * refused with {@link java.util.concurrent.RejectedExecutionException}, which counts as unhealthy.
     *
     * @return the executor
     */
    Executor blocking();
}
