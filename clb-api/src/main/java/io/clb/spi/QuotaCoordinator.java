package io.clb.spi;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One node's side of a cluster that divides totals: makes limiters, and moves what they let through. Made by {@link QuotaCoordinatorFactory}. Nothing of it is on the
 * data path. May be called by several threads, but for {@link #create}, {@link #enforce} and {@link #release}, which one at a time calls.
 */
public interface QuotaCoordinator extends AutoCloseable {

    /** What happened to other nodes. */
    enum Change {
        /** They were heard for the first time. */
        JOINED,
        /** They have said goodbye, and belong to the cluster no more. */
        LEFT,
        /** They were not heard for so long that they count as gone; they still belong to the cluster. */
        SILENT,
        /** They are heard again. */
        BACK,
        /** They were silent and were forgotten, here or on another node. */
        FORGOTTEN
    }

    /** Hears what happens to the cluster. Called on the coordinator's thread; returns soon, and does not throw. */
    interface Events {

        /** Other nodes can be reached. */
        void connected();

        /**
         * No other node can be reached; what holds now is {@link ClusterSettings#whenAlone}.
         *
         * @param why what to tell people
         */
        void disconnected(String why);

        /**
         * Other nodes have come or gone.
         *
         * @param change what happened
         * @param nodes their names, one or more
         */
        void changed(Change change, List<String> nodes);

        /**
         * N has changed. It falls only when a node leaves or is forgotten.
         *
         * @param nodes how many belong to the cluster now
         */
        void nodes(int nodes);

        /**
         * Something failed that should not; the coordinator goes on.
         *
         * @param failure what
         */
        void failed(Throwable failure);
    }

    /** What comes to a limit on this node. Any thread may ask. */
    interface Meter {

        /**
         * Returns what was let through.
         *
         * @return permits, since the beginning
         */
        long admitted();

        /**
         * Returns what was refused or put off.
         *
         * @return permits, since the beginning; of bits just a number that grows
         */
        long refused();
    }

    /**
     * What this node has of a limit at a moment, as parts of the total.
     *
     * @param inForce what it may let through, 1 for the whole total; infinite if the limit is lifted
     * @param borrowed what others lend it, or what it is granted
     * @param lent what it lends others, has not got back yet, or has deposited
     * @param wanted what comes to it, as far as was measured, 1 at most; 0 unless the total is divided by that
     */
    record Share(double inForce, double borrowed, double lent, double wanted) {}

    /**
     * Another node.
     *
     * @param name its name
     * @param present whether it reports
     * @param heardAgoNanos how long ago it was heard; negative if never
     */
    record Node(String name, boolean present, long heardAgoNanos) {}

    /**
     * How this node sees the cluster.
     *
     * @param nodes N: all that belong to the cluster, silent ones too
     * @param present how many of them are there, this one included
     * @param others all but this one
     * @param connected whether others can be reached, as far as the transport knows
     * @param leftOut how often a node was not taken in, as there were 10,000 already
     * @param lost how many reports came that this node had no time for
     * @param strange how many messages came that were no reports
     * @param unanswered how many asks for permits were not answered in time
     */
    record View(
            int nodes,
            int present,
            List<Node> others,
            boolean connected,
            long leftOut,
            long lost,
            long strange,
            long unanswered) {

        /**
         * Takes a copy of the nodes.
         *
         * @param nodes N
         * @param present how many of them are there
         * @param others all but this one
         * @param connected whether others can be reached
         * @param leftOut how often a node was not taken in
         * @param lost how many reports this node had no time for
         * @param strange how many messages were no reports
         * @param unanswered how many asks were not answered in time
         */
        public View {
            others = List.copyOf(others);
        }
    }

    /**
     * Makes a limiter, which starts with a full burst of an even share. It takes no part until {@link #enforce}.
     *
     * @param quota the total
     * @param nowNanos the clock of control and loops
     * @return a limiter whose share can be moved
     * @throws IllegalArgumentException if a number of the quota is out of its range
     */
    RateLimiter create(Quota quota, long nowNanos);

    /**
     * Divides a total among the nodes from now on, or in another way than before, or another total. A change gives no free burst.
     *
     * @param name the same on all nodes
     * @param limiter what {@link #create} made, the same for as long as the name is enforced
     * @param quota the total; its number of nodes does not matter
     * @param division how it is divided
     * @param meter what comes to it here
     * @param nowNanos the clock of control and loops
     */
    void enforce(String name, RateLimiter limiter, Quota quota, Division division, Meter meter, long nowNanos);

    /**
     * Divides a total no more: the limiter keeps what it has.
     *
     * @param name its name
     */
    void release(String name);

    /**
     * Tells what this node has of a total.
     *
     * @param name its name
     * @param nowNanos the clock of control and loops
     * @return null if none of that name is enforced
     */
    @Nullable
    Share share(String name, long nowNanos);

    /**
     * Tells how this node sees the cluster.
     *
     * @return the view of the last report
     */
    View view();

    /**
     * Leaves out a silent node that will not come back, on all nodes: N falls by it.
     *
     * @param node its name
     * @return whether a node of this name was silent here; false after {@link #close}
     */
    CompletionStage<Boolean> forget(String node);

    /** Leaves the cluster, and closes the transport: the others divide without this node. Nothing may be let through here any more. Takes some seconds at most. */
    @Override
    void close();
}
