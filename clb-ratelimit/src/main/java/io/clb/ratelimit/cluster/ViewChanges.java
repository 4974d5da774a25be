package io.clb.ratelimit.cluster;

import io.clb.spi.QuotaCoordinator;
import io.clb.spi.QuotaCoordinator.Change;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tells from one view to the next what happened to the nodes. */
final class ViewChanges implements ClusterEvents {

    private final QuotaCoordinator.Events events;

    // written by the coordinator's thread; read by any
    private volatile boolean connected;

    ViewChanges(QuotaCoordinator.Events events) {
        this.events = events;
    }

    boolean isConnected() {
        return connected;
    }

    @Override
    public void connected() {
        connected = true;
        events.connected();
    }

    @Override
    public void disconnected(String why) {
        connected = false;
        events.disconnected(why);
    }

    @Override
    public void changed(ClusterView before, ClusterView now) {
        Map<String, ClusterView.Node> gone = new LinkedHashMap<>();
        before.others().forEach(node -> gone.put(node.name(), node));
        Map<Change, List<String>> changes = new EnumMap<>(Change.class);
        for (ClusterView.Node node : now.others()) {
            ClusterView.Node known = gone.remove(node.name());
            if (known == null) {
                add(changes, Change.JOINED, node);
            } else if (known.present() != node.present()) {
                add(changes, node.present() ? Change.BACK : Change.SILENT, node);
            }
        }
        gone.values().forEach(node -> add(changes, node.present() ? Change.LEFT : Change.FORGOTTEN, node));
        changes.forEach(events::changed);
        if (now.nodes() != before.nodes()) {
            events.nodes(now.nodes());
        }
    }

    private static void add(Map<Change, List<String>> changes, Change change, ClusterView.Node node) {
        changes.computeIfAbsent(change, key -> new ArrayList<>()).add(node.name());
    }

    @Override
    public void failed(Throwable failure) {
        events.failed(failure);
    }
}
