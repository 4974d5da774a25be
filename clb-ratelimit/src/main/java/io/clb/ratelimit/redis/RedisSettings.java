package io.clb.ratelimit.redis;

import static java.util.Objects.requireNonNull;

import io.clb.spi.ClusterTransport;
import io.clb.spi.ClusterTransportFactory;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Where the Redis of a cluster is. Immutable.
 *
 * @param cluster the cluster's name, the same on all nodes: 1 to 60 letters, digits, dots, hyphens and underscores
 * @param uri Redis, as Lettuce writes it: {@code redis://user:password@host:port}, {@code rediss://} for TLS, {@code redis-sentinel://} for Sentinels. Never shown, as it may
 *     have a password in it
 * @param connectTimeout how long to wait for a connection: 50 ms to 10 s
 */
public record RedisSettings(String cluster, String uri, Duration connectTimeout) implements ClusterTransportFactory {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,60}");
    private static final Duration LEAST_TIMEOUT = Duration.ofMillis(50);
    private static final Duration MOST_TIMEOUT = Duration.ofSeconds(10);

    /**
     * Checks all of it.
     *
     * @param cluster the cluster's name
     * @param uri Redis, as Lettuce writes it
     * @param connectTimeout how long to wait for a connection
     * @throws IllegalArgumentException if one is out of its range, or the URI is none
     * @throws IllegalStateException if Lettuce is not on the class path
     */
    public RedisSettings {
        check(
                "cluster",
                cluster,
                NAME.matcher(cluster).matches(),
                "1 to 60 letters, digits, dots, hyphens, underscores");
        check("uri", "(not shown)", isUri(uri), "redis://[user:password@]host[:port], rediss:// or redis-sentinel://");
        boolean fits = connectTimeout.compareTo(LEAST_TIMEOUT) >= 0 && connectTimeout.compareTo(MOST_TIMEOUT) <= 0;
        check("connectTimeout", connectTimeout, fits, "50 ms to 10 s");
    }

    private static void check(String field, Object value, boolean sound, String expectation) {
        if (!sound) {
            throw new IllegalArgumentException(field + ": " + value + " (expected: " + expectation + ")");
        }
    }

    private static boolean isUri(String uri) {
        try {
            RedisURI.create(uri);
            return true;
        } catch (RuntimeException e) {
            return false; // its message may have the password in it
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException("Lettuce is not on the class path: add io.lettuce:lettuce-core for it", e);
        }
    }

    /**
     * Says where Redis is.
     *
     * @param cluster the cluster's name
     * @param uri Redis, as Lettuce writes it
     * @return the settings, with a connect timeout of 1 s
     * @throws IllegalArgumentException if one is out of its range, or the URI is none
     * @throws IllegalStateException if Lettuce is not on the class path; the message names the artifact to add
     */
    public static RedisSettings of(String cluster, String uri) {
        return new RedisSettings(requireNonNull(cluster, "cluster"), requireNonNull(uri, "uri"), Duration.ofSeconds(1));
    }

    /**
     * Sets how long to wait for a connection.
     *
     * @param timeout 50 ms to 10 s
     * @return a changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public RedisSettings connectTimeout(Duration timeout) {
        return new RedisSettings(cluster, uri, requireNonNull(timeout, "timeout"));
    }

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public boolean canLease() {
        return true;
    }

    @Override
    public ClusterTransport create(String node) {
        return new RedisTransport(this, node);
    }

    /** Where Redis is, for people: without the password. */
    String place() {
        RedisURI parsed = RedisURI.create(uri);
        String master = parsed.getSentinelMasterId();
        if (master != null) {
            return "Redis " + master + " of the Sentinels";
        }
        String socket = parsed.getSocket();
        return "Redis at " + (socket == null ? parsed.getHost() + ":" + parsed.getPort() : socket);
    }

    /** Shows all but what may be secret. */
    @Override
    public String toString() {
        return "RedisSettings[cluster=" + cluster + ", " + place() + ", connectTimeout=" + connectTimeout + "]";
    }
}
