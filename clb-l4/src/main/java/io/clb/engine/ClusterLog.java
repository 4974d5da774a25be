package io.clb.engine;

import io.clb.Snapshot;
import io.clb.spi.QuotaCoordinator;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log what happens to the cluster, a line for each thing that an operator would want to know, and keeps the last of it for snapshots. */
final class ClusterLog implements QuotaCoordinator.Events {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterLog.class);

    /** So much is kept. */
    private static final int MOST = 100;

    private final String balancer;
    private final Clock clock;
    private final Observers observers;
    private final IntConsumer nodesChanged;

    // written by the coordinator's thread, read by any; locked, as neither is on the data path
    private final Deque<Entry> entries = new ArrayDeque<>();

    // the coordinator's thread only
    private boolean connected;

    private record Entry(long nanos, String what) {}

    /** @param nodesChanged learns of another N, on the coordinator's thread */
    ClusterLog(String balancer, Clock clock, Observers observers, IntConsumer nodesChanged) {
        this.balancer = balancer;
        this.clock = clock;
        this.observers = observers;
        this.nodesChanged = nodesChanged;
    }

    @Override
    public void connected() {
        connected = true;
        keep("connected");
        LOG.info("{}: cluster: other nodes can be reached", balancer);
    }

    @Override
    public void disconnected(String why) {
        connected = false;
        keep("disconnected: " + why);
        LOG.warn(
                "{}: cluster: no other node can be reached: {}; limits are what one node has alone until that mends itself",
                balancer,
                why);
    }

    @Override
    public void changed(QuotaCoordinator.Change change, List<String> names) {
        String what = String.join(", ", names) + (names.size() == 1 ? " is " : " are ") + said(change);
        keep(what);
        if (change != QuotaCoordinator.Change.SILENT) {
            LOG.info("{}: cluster: {}", balancer, what);
        } else if (connected) {
            LOG.warn(
                    "{}: cluster: {}: what it may use counts on, as it may be alive; forgetNode(...) leaves out one that will not come back",
                    balancer,
                    what);
        }
    }

    private static String said(QuotaCoordinator.Change change) {
        return switch (change) {
            case JOINED -> "new";
            case LEFT -> "shut down";
            case SILENT -> "silent";
            case BACK -> "back";
            case FORGOTTEN -> "forgotten";
        };
    }

    @Override
    public void nodes(int number) {
        keep("N is " + number);
        nodesChanged.accept(number);
    }

    @Override
    public void failed(Throwable failure) {
        observers.report(this, failure);
    }

    private void keep(String what) {
        synchronized (entries) {
            if (entries.size() == MOST) {
                entries.removeFirst();
            }
            entries.addLast(new Entry(clock.nanoTime(), what));
        }
    }

    /**
     * What happened last, the oldest first.
     *
     * @param nowNanos the clock
     * @param now the time of day at that moment
     */
    List<Snapshot.ClusterState.Event> events(long nowNanos, Instant now) {
        synchronized (entries) {
            return entries.stream()
                    .<Snapshot.ClusterState.Event>map(entry -> new ClusterView.Happened(
                            now.minusNanos(nowNanos - entry.nanos).truncatedTo(ChronoUnit.MILLIS), entry.what))
                    .toList();
        }
    }
}
