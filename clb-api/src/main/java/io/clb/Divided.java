package io.clb;

import io.clb.spi.ClusterTransportFactory;
import io.clb.spi.Division;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;

/** What limits whose totals are divided by demand, lent or leased, need: nodes that talk to each other, about not too many limits. */
final class Divided {

    /** A report of them all to 50 nodes is less than a mebibyte, which is what a transport takes. */
    private static final int MOST = 1_000;

    private final Cluster cluster;
    private final Mistakes mistakes;
    private int count;

    private Divided(Cluster cluster, Mistakes mistakes) {
        this.cluster = cluster;
        this.mistakes = mistakes;
    }

    static void check(
            Cluster cluster,
            Map<Limit.Kind, Limit> ofBalancer,
            Collection<ListenerConfig> listeners,
            Mistakes mistakes) {
        Divided divided = new Divided(cluster, mistakes);
        divided.check("balancer", ofBalancer);
        for (ListenerConfig listener : listeners) {
            String where = "listener " + listener.name();
            divided.check(where, listener.limits());
            listener.rules().forEach((name, rule) -> divided.check(where + ": rule " + name, rule.limits()));
        }
        if (divided.count > MOST) {
            mistakes.add(
                    "balancer",
                    "limits divided by demand",
                    String.format(Locale.ROOT, "%,d", divided.count),
                    String.format(Locale.ROOT, "at most %,d, of which one of bandwidth counts two", MOST));
        }
    }

    private void check(String where, Map<Limit.Kind, Limit> limits) {
        for (Limit limit : limits.values()) {
            if (limit.division() == Division.EVEN) {
                continue;
            }
            count += limit.kind() == Limit.Kind.BANDWIDTH ? 2 : 1;
            ClusterTransportFactory transport = cluster.transport();
            if (transport == null) {
                refuse(where, limit, "even, or .cluster(Cluster.of(...)), whose nodes talk to each other, not a ");
            } else if (limit.division() == Division.LEASED && !transport.canLease()) {
                refuse(where, limit, "even, adaptive, or a cluster over a Redis that all nodes share, not a ");
            }
        }
    }

    private void refuse(String where, Limit limit, String expected) {
        mistakes.add(where, "limit " + limit.kind(), limit.division(), expected + cluster);
    }
}
