package io.clb.engine;

import io.clb.AccessControl;
import io.clb.Config;
import io.clb.ListenerConfig;
import io.clb.Options;
import io.clb.PortRange;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of what a configuration may say, and hardly means: once, when it comes into force. Control only. */
final class Advice {

    private static final Logger LOG = LoggerFactory.getLogger(Advice.class);

    /** Those that carriers often block, as attacks favour them; the product names the same. */
    private static final List<Integer> HIGH_RISK_PORTS = List.of(25, 135, 139, 444, 445, 5800, 5900);

    private final String balancer;
    private Set<String> given = Set.of();

    Advice(String balancer) {
        this.balancer = balancer;
    }

    /** Logs what is due now, and was not for the configuration before. */
    void give(Set<String> due) {
        for (String advice : due) {
            if (!given.contains(advice)) {
                LOG.warn("{}: {}", balancer, advice);
            }
        }
        given = due;
    }

    /** All there is to say. */
    static Set<String> of(Config config, Collection<Pool.Key> pools, Transport transport) {
        Set<String> advice = new LinkedHashSet<>();
        for (ListenerConfig listener : config.listeners().values()) {
            PortRange range = listener.portRange();
            int last = range == null ? listener.port() : range.last();
            for (int port : HIGH_RISK_PORTS) {
                if (listener.port() <= port && port <= last) {
                    advice.add("listener " + listener.name() + ": port " + port
                            + " is one that carriers often block: clients may not reach it");
                }
            }
            if (listener.access() instanceof AccessControl lists && lists.isIdle()) {
                advice.add("listener " + listener.name() + ": its access list (" + lists
                        + ") is empty and lets everybody in; denyWhenEmpty() for the contrary");
            }
            if (!listener.get(Options.LINGER).isZero() && !transport.servesLinger()) {
                advice.add("listener " + listener.name() + ": linger has no effect on " + transport.name()
                        + ": choose epoll or io_uring");
            }
            if (listener.get(Options.FAST_OPEN) > 0 && !transport.servesFastOpen()) {
                advice.add("listener " + listener.name() + ": fastOpen has no effect on " + transport.name()
                        + " here: it needs epoll or io_uring, and a net.ipv4.tcp_fastopen that has 2");
            }
        }
        for (Pool.Key pool : pools) {
            if (pool.sticker() != null && pool.scheduler().name().equals("wlc")) {
                advice.add(
                        "group " + pool.group()
                                + ": wlc evens out connections, stickiness keeps clients where they were: together they do neither well");
            }
        }
        return advice;
    }
}
