package io.clb.ratelimit.cluster;

import io.clb.ratelimit.Parts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who belongs to the cluster: every node that was heard of and has neither left nor been forgotten, be it silent. So a node that crashed or was cut off counts on, and N
 * falls only when somebody says so.
 */
final class Membership {

    /** N at most; who comes beyond that is left out, and counted. */
    static final int MAX_NODES = 10_000;

    /** Of those that have departed, so many are known at most. */
    private static final int MAX_DEPARTED = 100;

    private final String self;
    private final int expected;
    private final Timing timing;
    private final Map<String, Peer> peers = new LinkedHashMap<>();

    /** By name, the last life that is over, the oldest first. */
    private final Map<String, Long> departed = new LinkedHashMap<>();

    /** As many nodes as are expected were there at once. */
    private boolean complete;

    private int present;
    private long roster;
    private long leftOut;

    Membership(String self, int expected, Timing timing) {
        this.self = self;
        this.expected = expected;
        this.timing = timing;
        complete = expected <= 1;
        roster = hash(self);
    }

    /** A sum, so that the order does not matter; multiplied, so that sums of similar names differ (the multiplier of SplitMix64). */
    private static long hash(String name) {
        long hash = (name.hashCode() + 1L) * 0x9E3779B97F4A7C15L;
        return hash ^ hash >>> 32;
    }

    long roster() {
        return roster;
    }

    /** The others. */
    List<ClusterView.Node> others(long nowNanos) {
        List<ClusterView.Node> others = new ArrayList<>(peers.size());
        for (Peer peer : peers.values()) {
            long ago = peer.heard().number() == 0 ? -1 : nowNanos - peer.heardNanos();
            others.add(new ClusterView.Node(peer.name(), peer.isPresent(), ago));
        }
        return others;
    }

    /** The last life that is known of a node, 0 if none is. */
    long life(String name) {
        Peer peer = peers.get(name);
        return peer == null ? 0 : peer.heard().life();
    }

    /** How often a node was left out, as there were as many as there may be. */
    long leftOut() {
        return leftOut;
    }

    /** N. */
    int nodes() {
        return complete ? peers.size() + 1 : Math.max(expected, peers.size() + 1);
    }

    /** The nodes that are there, this one included. */
    int present() {
        return present + 1;
    }

    /** Whether there are other nodes, and none is heard. */
    boolean isAlone() {
        return present == 0 && nodes() > 1;
    }

    /**
     * What this node may let through before it lends or borrows: its home part where all nodes are there, that of the product where some are not. So those that are there,
     * m of N, have {@code min(1, m / (N - 1))} of the total, and nodes in as many parts as a network may break into no more than {@code N / (N - 1)}.
     *
     * @param patient whether those that are not there are taken to be there soon
     */
    long home(boolean patient) {
        return patient || present() == nodes() ? Parts.home(nodes()) : Parts.even(nodes());
    }

    /**
     * Takes note of a report.
     *
     * @return who sent it; null if it says nothing new, or goodbye
     */
    @Nullable
    Peer heard(Report report, long nowNanos) {
        learn(report);
        if (report.node().equals(self) || isDeparted(report.node(), report.life())) {
            return null;
        }
        if (report.leaving()) {
            Peer leaving = peers.get(report.node());
            if (leaving != null) {
                absent(leaving);
                leaving.left();
            }
            depart(report.node(), report.life());
            return null;
        }
        Peer peer = peer(report.node(), Report.Heard.NOTHING);
        if (peer == null || !peer.isNews(report)) {
            return null;
        }
        if (!peer.isPresent()) {
            present++;
            complete |= present() >= expected;
        }
        peer.heard(report, nowNanos);
        return peer;
    }

    /** Who is known to others belongs to the cluster, and who has departed for others does not. */
    private void learn(Report report) {
        report.departed().forEach(this::depart);
        if (report.roster() == roster) {
            return;
        }
        report.heard().forEach((name, last) -> {
            if (!name.equals(self) && !isDeparted(name, last.life())) {
                peer(name, new Report.Heard(last.life(), 0));
            }
        });
    }

    /** Null if there is no room for one more. */
    private @Nullable Peer peer(String name, Report.Heard heard) {
        Peer known = peers.get(name);
        if (known != null) {
            return known;
        }
        if (peers.size() + 1 >= MAX_NODES) {
            leftOut++;
            return null;
        }
        Peer peer = new Peer(name, heard);
        peers.put(name, peer);
        roster += hash(name);
        return peer;
    }

    private boolean isDeparted(String name, long life) {
        Long last = departed.get(name);
        return last != null && life <= last;
    }

    private void depart(String name, long life) {
        if (name.equals(self) || isDeparted(name, life)) {
            return;
        }
        Peer peer = peers.get(name);
        if (peer != null && peer.heard().life() <= life) {
            peers.remove(name);
            roster -= hash(name);
            absent(peer);
        }
        departed.remove(name);
        departed.put(name, life);
        if (departed.size() > MAX_DEPARTED) {
            departed.remove(departed.keySet().iterator().next());
        }
    }

    /**
     * Leaves out a node that will not come back as it was.
     *
     * @return whether it was known, and silent
     */
    boolean forget(String name) {
        Peer peer = peers.get(name);
        if (peer == null || peer.isPresent()) {
            return false;
        }
        depart(name, peer.heard().life());
        return true;
    }

    /** Finds out who has fallen silent. */
    void look(long nowNanos) {
        for (Peer peer : peers.values()) {
            if (peer.isPresent() && peer.isSilent(nowNanos, timing)) {
                absent(peer);
            }
        }
    }

    /** Takes all to be silent. */
    void silence() {
        peers.values().forEach(this::absent);
    }

    private void absent(Peer peer) {
        if (peer.isPresent()) {
            peer.silent();
            present--;
        }
    }

    Map<String, Report.Heard> heard() {
        Map<String, Report.Heard> heard = new HashMap<>();
        for (Peer peer : peers.values()) {
            heard.put(peer.name(), peer.heard());
        }
        return heard;
    }

    Map<String, Long> departed() {
        return departed.isEmpty() ? Map.of() : Map.copyOf(departed);
    }
}
