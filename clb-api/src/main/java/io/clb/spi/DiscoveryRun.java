package io.clb.spi;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * One run of a {@link ServerDiscovery}, for one group, from its start to its end. All methods may be called on any thread and never block; after the end
 * they do nothing.
 */
public interface DiscoveryRun {

    /**
     * Returns whose servers are looked for.
     *
     * @return the name of the server group
     */
    String group();

    /**
     * Tells all servers that there are now: they take the place of those that were told before. A server that is not among them any more is drained as if an
     * update had removed it; one that is new needs one good probe before it gets flows, unless the balancer is only starting. Lists may come in any
     * number: the last one counts, and is in force within about 100 ms.
     *
     * <p>An empty list, or one without any sound entry, is a failure: the servers of the list before stay. Entries that are not sound are left
     * out, and the log says why.
     *
     * @param all the servers; copied
     */
    void found(List<DiscoveredServer> all);

    /**
     * Tells that nothing can be found out now: the servers that were found before stay.
     *
     * @param why in a few words, for the log and the snapshot
     */
    void failed(String why);

    /**
     * Returns where work that blocks may run: a small bounded pool, shared by all look-ups and checks of the balancer, of which all discoveries together have two
     * threads at a time. What comes besides waits, in order. Work that throws is reported as a failure.
     *
     * @return the executor; it throws {@link java.util.concurrent.RejectedExecutionException} when 1,024 pieces of work wait already
     */
    Executor blocking();

    /**
     * Plans work for {@link #blocking()}, by the balancer's clock. The end of the run takes it back.
     *
     * @param delay from now on
     * @param work what to do then
     * @throws java.util.concurrent.RejectedExecutionException if 64 pieces of work of this run wait for their time already
     */
    void later(Duration delay, Runnable work);
}
