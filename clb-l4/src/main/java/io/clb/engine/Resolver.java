package io.clb.engine;

import io.clb.Config;
import io.clb.HostPort;
import io.clb.ServerConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
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

    /** Until the next look-up of a name that has no address yet. */
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long a start or an update waits for names at most. */
    private static final long FIRST_SECONDS = 2;

    private final String balancer;
    private final Control control;
    private final Executor blocking;
    private final Set<RunServer> named = new HashSet<>();

    Resolver(String balancer, Control control, Executor blocking) {
        this.balancer = balancer;
        this.control = control;
        this.blocking = blocking;
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
                InetSocketAddress found = lookUp(server.config().address());
                control.post(() -> lookedUp(server, found));
            });
        } catch (RejectedExecutionException e) {
            lookedUp(server, null);
        }
    }

    private void lookedUp(RunServer server, @Nullable InetSocketAddress found) {
        if (found != null) {
            server.address(found);
        } else {
            LOG.warn("{}: server {}: no address found for {}", balancer, server, server.host());
        }
        control.later(server.address() == null ? RETRY_NANOS : INTERVAL_NANOS, () -> lookUp(server));
    }

    private static @Nullable InetSocketAddress lookUp(HostPort target) {
        try {
            return new InetSocketAddress(InetAddress.getByName(target.host()), target.port());
        } catch (UnknownHostException e) {
            return null;
        }
    }

    /**
     * Looks the names of a configuration up, for a short time, so that the first connections find the servers. On the thread that brings the configuration.
     *
     * @return the addresses that were found in time
     */
    static Map<HostPort, InetSocketAddress> first(Config config, Executor blocking) {
        Map<HostPort, InetSocketAddress> found = new ConcurrentHashMap<>();
        List<CompletableFuture<Void>> lookUps = config.serverGroups().values().stream()
                .flatMap(group -> group.servers().stream())
                .map(ServerConfig::address)
                .filter(address -> !address.isLiteral())
                .distinct()
                .map(address -> {
                    CompletableFuture<Void> done = new CompletableFuture<>();
                    try {
                        blocking.execute(() -> {
                            InetSocketAddress resolved = lookUp(address);
                            if (resolved != null) {
                                found.put(address, resolved);
                            }
                            done.complete(null);
                        });
                    } catch (RejectedExecutionException e) {
                        done.complete(null);
                    }
                    return done;
                })
                .toList();
        try {
            // Not completeOnTimeout: the JDK's thread for it would hold on to this library's class loader.
            CompletableFuture.allOf(lookUps.toArray(CompletableFuture[]::new)).get(FIRST_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("not all names were found in time", e);
        }
        return found;
    }
}
