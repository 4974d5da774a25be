package io.clb;

/**
 * Runs balancers. clb-l4 brings one, found through {@link java.util.ServiceLoader}; an instance given to the configuration comes first.
 */
public interface EngineProvider {

    /**
     * Returns the name that tells providers apart.
     *
     * @return such as {@code "netty"}
     */
    String name();

    /**
     * Starts a balancer: when this returns, every listener listens.
     *
     * @param config what to run
     * @return the running balancer
     * @throws ConfigException if the configuration asks for what this engine or its extensions lack
     * @throws BindException if a listener cannot listen; then none does, and no thread is left
     */
    LoadBalancer start(Config config);
}
