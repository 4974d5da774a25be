package io.clb;

import static java.util.Objects.requireNonNull;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A running load balancer. All methods may be called on any thread; those that wait are refused on the balancer's own threads.
 *
 * <pre>{@code
 * LoadBalancer lb = LoadBalancer.builder()
 *     .serverGroup("db", g -> g.server("10.0.0.1:5432").server("10.0.0.2:5432", s -> s.weight(50)))
 *     .listener("db", l -> l.tcp(5432).forwardTo("db"))
 *     .start();
 * }</pre>
 */
public interface LoadBalancer extends AutoCloseable {

    /**
     * Begins a configuration.
     *
     * @return an empty builder
     */
    static Config.Builder builder() {
        return new Config.Builder();
    }

    /**
     * Starts a balancer: when this returns, every listener listens.
     *
     * @param config what to run
     * @return the running balancer
     * @throws ConfigException if the configuration asks for what the engine or its extensions lack
     * @throws BindException if a listener cannot listen; then none does
     * @throws IllegalStateException if there is no engine on the class path, or more than one; the message names the artifact to add
     */
    static LoadBalancer start(Config config) {
        EngineProvider chosen = requireNonNull(config, "config").engine();
        return (chosen == null ? Extensions.engine() : chosen).start(config);
    }

    /**
     * Returns the name.
     *
     * @return the name
     */
    String name();

    /**
     * Returns the configuration in force.
     *
     * @return the configuration
     */
    Config config();

    /**
     * Returns where a listener listens: the first of {@link #addresses}.
     *
     * @param listener its name
     * @return the address, with the port that the system chose if 0 was configured
     * @throws IllegalArgumentException if there is no such listener
     */
    default InetSocketAddress address(String listener) {
        return addresses(listener).get(0);
    }

    /**
     * Returns where a listener listens.
     *
     * @param listener its name
     * @return one address for each configured bind address
     * @throws IllegalArgumentException if there is no such listener
     */
    List<InetSocketAddress> addresses(String listener);

    /**
     * Changes the configuration of the running balancer: {@code change} edits a copy, which is checked as a whole, and then replaces the one in
     * force at once. Connections that are open go on as they are; new ones follow the new configuration. Updates are applied one after the
     * other. When this returns, the change is in force.
     *
     * <p>Servers that are new take their places beside all that were there before, 65,536 together: whoever replaces more than some 32,000 at once does so in steps.
     *
     * @param change edits the builder that it is given
     * @throws ConfigException with every mistake there is, or as there is no room for so many new servers at once; nothing was changed
     * @throws BindException if a new listener cannot listen; nothing was changed
     * @throws IllegalStateException on one of the balancer's own threads, or after it was closed
     */
    void update(Consumer<Config.Builder> change);

    /**
     * Does what {@link #update} does, later, on another thread. To be used on the balancer's own threads.
     *
     * @param change edits the builder that it is given
     * @return completed when the change is in force; exceptionally with what {@link #update} would have thrown, or with
     *     {@link java.util.concurrent.RejectedExecutionException} if too many updates wait
     */
    CompletionStage<Void> updateAsync(Consumer<Config.Builder> change);

    /**
     * Returns the live state.
     *
     * @return what is known at this moment
     */
    Snapshot snapshot();

    /**
     * Leaves out a node of the cluster that is silent and will not come back, on all nodes: N falls by one, so that the others have larger shares. A node that is only silent
     * counts on, as it may use its share where nobody hears it. One that comes back all the same belongs to the cluster again.
     *
     * @param node its name, see {@link Snapshot.ClusterState#others}
     * @return whether a node of this name was silent; exceptionally with {@link IllegalStateException} if the nodes of this balancer's cluster do not talk to each other, see {@link
     *     Cluster#of}, or the balancer is closed
     */
    CompletionStage<Boolean> forgetNode(String node);

    /**
     * Shuts down in good order: stops accepting at once, lets open connections run until they end by themselves or the time is over, then
     * closes.
     *
     * @param drain how long open connections may run: 0 to 900 s
     * @return completed when all is closed and the balancer's threads have ended
     * @throws ConfigException if the time is out of range
     */
    CompletionStage<Void> shutdown(Duration drain);

    /**
     * Closes at once: open connections are reset, the balancer's threads have ended when this returns. Does nothing if it is closed already.
     *
     * @throws IllegalStateException on one of the balancer's own threads
     */
    @Override
    void close();
}
