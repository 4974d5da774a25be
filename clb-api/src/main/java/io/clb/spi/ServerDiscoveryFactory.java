package io.clb.spi;

/**
 * Makes discoveries out of text, so that {@code Extensions.discovery("dns", "app.example.com:8080")} finds them: list the class in
 * {@code META-INF/services/io.clb.spi.ServerDiscoveryFactory} (and {@code provides} in a module).
 */
public interface ServerDiscoveryFactory {

    /**
     * Returns the name that this goes by.
     *
     * @return the name; the class's simple name unless overridden
     */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * Makes a discovery, which is not started yet. Those made of the same text are equal.
     *
     * @param target what to look for, in words of the discovery's own
     * @return the discovery
     * @throws IllegalArgumentException if the text is none of those; the message says what is expected
     */
    ServerDiscovery create(String target);
}
