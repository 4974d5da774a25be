package io.clb.engine;

import io.clb.HostPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the addresses of servers that are given by name: looks them up through the JVM, on the pool for blocking work, again and again. A look-up that fails
 * leaves the last address. Control only, but for the look-ups.
 */
final class Resolver {

    private static final Logger LOG = LoggerFactory.getLogger(Resolver.class);

    /** Between two look-ups of a name. The JVM caches on its own besides (30 s by default), so more often would change nothing. */
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final String balancer;
    private final Control control;
    private final Executor blocking;
    private final Set<RunServer> named = new HashSet<>();

    Resolver(String balancer, Control control, Executor blocking) {
        this.balancer = balancer;
        this.control = control;
        this.blocking = blocking;
    }

    /** Sets the address of a literal at once. */
    static void resolveLiteral(RunServer server, HostPort target) {
        if (target.isLiteral()) {
            server.address(new InetSocketAddress(Binding.literal(target.host()), target.port()));
        }
    }

    /** Brings what is looked up in line with the servers that there are. */
    void resolve(Collection<RunServer> servers) {
        named.retainAll(servers);
        for (RunServer server : servers) {
            if (!server.config().address().isLiteral() && named.add(server)) {
                lookUp(server);
            }
        }
    }

    private void lookUp(RunServer server) {
        if (!named.contains(server)) {
            return;
        }
        try {
            blocking.execute(() -> {
                try {
                    InetAddress found = InetAddress.getByName(server.host());
                    control.post(() -> server.address(new InetSocketAddress(found, server.port())));
                } catch (UnknownHostException e) {
                    LOG.warn("{}: server {}: no address found for {}", balancer, server, server.host());
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.warn("{}: server {}: look-up put off, too many are running", balancer, server);
        }
        control.later(INTERVAL_NANOS, () -> lookUp(server));
    }
}
