package io.clb.spi;

import static java.util.Objects.requireNonNull;

/**
 * What a probe found.
 *
 * @param healthy whether the server is fit for traffic
 * @param detail in a few words why, for the snapshot and the log
 */
public record Verdict(boolean healthy, String detail) {

    private static final Verdict HEALTHY = new Verdict(true, "healthy");

    /**
     * Checks the components for null.
     *
     * @param healthy whether the server is fit for traffic
     * @param detail in a few words why
     */
    public Verdict {
        requireNonNull(detail, "detail");
    }

    /**
     * Returns the good verdict.
     *
     * @return healthy
     */
    public static Verdict ok() {
        return HEALTHY;
    }

    /**
     * Returns a bad verdict.
     *
     * @param why in a few words, such as {@code "connection refused"}
     * @return unhealthy
     */
    public static Verdict failed(String why) {
        return new Verdict(false, why);
    }
}
