package io.clb.spi;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ClusterTransport} with a store that all nodes of the cluster share: one bucket for each limit, from which nodes are granted batches of permits. The store
 * has a clock, and does one ask after the other.
 *
 * <p>Permits are counted in nanoseconds of the limit's total: what the whole cluster may let through in so long a time. So a bucket knows nothing of the total, and goes on
 * when that is changed. For each want of an ask, in this order, by the store's clock:
 *
 * <ol>
 *   <li>An ask that was sent more than half an {@linkplain Ask#intervalMicros interval} ago, or later than now, is refused: nothing is changed or granted. So an ask of
 *       time 0 gets the time and nothing else.
 *   <li>The bucket fills with 31/32 of the time since it was asked last, times {@code min(1, k / (N - 1))}: N is {@link Ask#nodes}, and k of them have
 *       a deposit that ends after now, and no later than {@link Ask#leaseMicros} from now. It holds half an interval at most. One that was not there is empty.
 *   <li>A node is hungry if it was granted less than it wanted when it asked last, two intervals ago at most. The ask is granted what it wants, but no more than
 *       {@code min(1, t / (h * interval / 4))} of what is there, h being the other hungry nodes and one, and t the time since the node asked last if it is hungry, else a
 *       quarter of an interval. So those who want more than there is get about the same in the same time, and who wants less gets that.
 *   <li>The node's deposit ends a lease after the ask was sent.
 * </ol>
 *
 * <p>To test one, compare what it grants with {@code io.clb.ratelimit.cluster.PermitPool}, which has these rules in Java.
 */
public interface PermitBuckets extends ClusterTransport {

    /** The most wants in an ask. */
    int MAX_WANTS = 1_000;

    /**
     * What a node wants of a bucket.
     *
     * @param limit the limit's name, the same on all nodes
     * @param nanos of the limit's total, 0 or more; with 0 the node deposits its part and takes nothing
     */
    record Want(String limit, long nanos) {}

    /**
     * Asks several buckets. What it says of a node holds for each of them.
     *
     * @param node the node's name
     * @param sentMicros when it was sent, by the store's clock, as the node estimates from the last answer: no later than it was; 0 if it has none
     * @param nodes N, as the node knows it: 1 to 10,000
     * @param intervalMicros by which permits are counted, 1 or more: a busy node asks four times in it
     * @param leaseMicros how long its part is deposited from when it was sent
     * @param wants at most {@link #MAX_WANTS}
     */
    record Ask(String node, long sentMicros, int nodes, long intervalMicros, long leaseMicros, List<Want> wants) {

        /**
         * Takes a copy of the wants.
         *
         * @param node the node's name
         * @param sentMicros when it was sent, by the store's clock
         * @param nodes N
         * @param intervalMicros by which permits are counted
         * @param leaseMicros how long its part is deposited
         * @param wants what it wants
         */
        public Ask {
            wants = List.copyOf(wants);
        }
    }

    /**
     * What became of an ask.
     *
     * @param nowMicros when it was done, by the store's clock
     * @param granted nanoseconds of the total for each want, in their order; empty if it was refused
     */
    record Answer(long nowMicros, List<Long> granted) {

        /**
         * Takes a copy of the grants.
         *
         * @param nowMicros when it was done, by the store's clock
         * @param granted nanoseconds of the total for each want
         */
        public Answer {
            granted = List.copyOf(granted);
        }
    }

    /**
     * Asks. Does not wait for anything and does not throw: what cannot be sent at once has failed. Any thread may call it.
     *
     * @param ask what for
     * @param receiver called once at most, on the caller's or the transport's thread, with the answer, or null if it failed; it returns soon. An ask that is not
     *     answered may be done all the same, at any time
     */
    void ask(Ask ask, Consumer<@Nullable Answer> receiver);
}
