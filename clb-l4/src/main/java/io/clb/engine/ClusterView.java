package io.clb.engine;

import io.clb.Snapshot;
import io.clb.spi.QuotaCoordinator;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A cluster as a snapshot shows it. */
record ClusterView(
        String node,
        String transport,
        boolean connected,
        int nodes,
        int present,
        List<Snapshot.ClusterState.Node> others,
        List<Snapshot.ClusterState.Event> events,
        long leftOut,
        long lostReports,
        long strangeMessages,
        long unansweredAsks)
        implements Snapshot.ClusterState {

    static ClusterView of(
            String node, String transport, QuotaCoordinator.View view, List<Snapshot.ClusterState.Event> events) {
        return new ClusterView(
                node,
                transport,
                view.connected(),
                view.nodes(),
                view.present(),
                view.others().stream()
                        .sorted(Comparator.comparing(QuotaCoordinator.Node::name))
                        .map(ClusterView::node)
                        .toList(),
                events,
                view.leftOut(),
                view.lost(),
                view.strange(),
                view.unanswered());
    }

    private static Snapshot.ClusterState.Node node(QuotaCoordinator.Node node) {
        return new Other(
                node.name(), node.present(), node.heardAgoNanos() < 0 ? null : Duration.ofNanos(node.heardAgoNanos()));
    }

    private record Other(
            String name, boolean present, @Nullable Duration lastHeard) implements Snapshot.ClusterState.Node {}

    /** Something that happened. */
    record Happened(Instant at, String what) implements Snapshot.ClusterState.Event {}
}
