package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an HTTP health check sends and expects. Immutable: each method returns a changed copy. */
public final class HttpCheck {

    /** The methods that a probe may use. */
    public enum Method {
        /** Headers only. */
        HEAD,
        /** With a body; what exceeds 8 KiB of it is not read, which does not count against the server. */
        GET
    }

    private static final int MAX_PATH_LENGTH = 512;

    private final String path;
    private final Method method;
    private final @Nullable String host;
    private final int lowestStatus;
    private final int highestStatus;

    private HttpCheck(String path, Method method, @Nullable String host, int lowestStatus, int highestStatus) {
        this.path = path;
        this.method = method;
        this.host = host;
        this.lowestStatus = lowestStatus;
        this.highestStatus = highestStatus;
    }

    /**
     * {@code HEAD path} over HTTP/1.1 with the server's address as {@code Host}, answered by 200 to 299.
     *
     * @param path the target, 1 to 512 visible ASCII characters, starting with {@code /}
     * @return the request
     */
    public static HttpCheck path(String path) {
        return new HttpCheck(requireNonNull(path, "path"), Method.HEAD, null, 200, 299);
    }

    /**
     * Sets the method; HEAD unless set.
     *
     * @param value the method
     * @return a changed copy
     */
    public HttpCheck method(Method value) {
        return new HttpCheck(path, requireNonNull(value, "value"), host, lowestStatus, highestStatus);
    }

    /**
     * Sets the {@code Host} field; the server's address unless set.
     *
     * @param name a host name, with a port if need be
     * @return a changed copy
     */
    public HttpCheck host(String name) {
        return new HttpCheck(path, method, requireNonNull(name, "name"), lowestStatus, highestStatus);
    }

    /**
     * Sets the statuses that count as healthy; 200 to 299 unless set.
     *
     * @param lowest the first, 100 to 599
     * @param highest the last, not below the first
     * @return a changed copy
     */
    public HttpCheck statuses(int lowest, int highest) {
        return new HttpCheck(path, method, host, lowest, highest);
    }

    /**
     * Returns the target.
     *
     * @return the path
     */
    public String path() {
        return path;
    }

    /**
     * Returns the method.
     *
     * @return HEAD or GET
     */
    public Method method() {
        return method;
    }

    /**
     * Returns the {@code Host} field.
     *
     * @return the name, or null for the server's address
     */
    public @Nullable String host() {
        return host;
    }

    /**
     * Tells whether a status counts as healthy.
     *
     * @param status the status of an answer
     * @return true in the range
     */
    public boolean accepts(int status) {
        return status >= lowestStatus && status <= highestStatus;
    }

    void check(String where, Mistakes mistakes) {
        if (!path.startsWith("/")
                || path.length() > MAX_PATH_LENGTH
                || !path.chars().allMatch(HttpCheck::isVisible)) {
            mistakes.add(where, "path", path, "1 to 512 visible ASCII characters starting with /");
        }
        if (host != null && (host.isEmpty() || !host.chars().allMatch(HttpCheck::isVisible))) {
            mistakes.add(where, "host", host, "a host name");
        }
        if (lowestStatus < 100 || highestStatus > 599 || lowestStatus > highestStatus) {
            mistakes.add(where, "statuses", lowestStatus + " to " + highestStatus, "a range within 100 to 599");
        }
    }

    private static boolean isVisible(int c) {
        return c > ' ' && c < 0x7f;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HttpCheck that
                && path.equals(that.path)
                && method == that.method
                && Objects.equals(host, that.host)
                && lowestStatus == that.lowestStatus
                && highestStatus == that.highestStatus;
    }

    @Override
    public int hashCode() {
        return Objects.hash(path, method, host, lowestStatus, highestStatus);
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
