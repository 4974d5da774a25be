package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
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

    /** The versions of HTTP that a probe may speak. */
    public enum Version {
        /** Without {@code Connection: close}, as every connection ends with its answer. For servers that know nothing else. */
        HTTP_1_0("HTTP/1.0"),
        /** The version that is spoken unless another is set. */
        HTTP_1_1("HTTP/1.1");

        private final String text;

        Version(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static final int MAX_PATH_LENGTH = 512;

    /** A name of 255 characters, and a port. */
    private static final int MAX_HOST_LENGTH = 261;

    private final String path;
    private final Version version;
    private final Method method;
    private final @Nullable String host;
    private final List<StatusRange> statuses;

    private HttpCheck(String path, Version version, Method method, @Nullable String host, List<StatusRange> statuses) {
        this.path = path;
        this.version = version;
        this.method = method;
        this.host = host;
        this.statuses = statuses;
    }

    /**
     * {@code HEAD path} over HTTP/1.1 with the server's address as {@code Host}, answered by 200 to 299.
     *
     * @param path the target, 1 to 512 visible ASCII characters, starting with {@code /}
     * @return the request
     */
    public static HttpCheck path(String path) {
        return new HttpCheck(
                requireNonNull(path, "path"), Version.HTTP_1_1, Method.HEAD, null, List.of(StatusRange.of(200, 299)));
    }

    /**
     * Sets the method; HEAD unless set.
     *
     * @param value the method
     * @return a changed copy
     */
    public HttpCheck method(Method value) {
        return new HttpCheck(path, version, requireNonNull(value, "value"), host, statuses);
    }

    /**
     * Sets the version of HTTP to speak; 1.1 unless set. Servers may answer with either.
     *
     * @param value the version
     * @return a changed copy
     */
    public HttpCheck version(Version value) {
        return new HttpCheck(path, requireNonNull(value, "value"), method, host, statuses);
    }

    /**
     * Sets the {@code Host} field; the server's address unless set.
     *
     * @param name a host name, with a port if need be, 1 to 261 visible ASCII characters
     * @return a changed copy
     */
    public HttpCheck host(String name) {
        return new HttpCheck(path, version, method, requireNonNull(name, "name"), statuses);
    }

    /**
     * Sets the statuses that count as healthy; 200 to 299 unless set.
     *
     * @param lowest the first, 100 to 599
     * @param highest the last, not below the first
     * @return a changed copy
     */
    public HttpCheck statuses(int lowest, int highest) {
        return new HttpCheck(path, version, method, host, List.of(StatusRange.of(lowest, highest)));
    }

    /**
     * Sets the statuses that count as healthy, in several parts: {@code statuses("2xx", "301-302", "404")}.
     *
     * @param first a class such as {@code 2xx}, a range such as {@code 301-302}, or a single status
     * @param others more of them
     * @return a changed copy
     */
    public HttpCheck statuses(String first, String... others) {
        List<StatusRange> ranges = new ArrayList<>();
        ranges.add(StatusRange.parse(requireNonNull(first, "first")));
        for (String other : requireNonNull(others, "others")) {
            ranges.add(StatusRange.parse(requireNonNull(other, "other")));
        }
        return new HttpCheck(path, version, method, host, List.copyOf(ranges));
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
     * Returns the version of HTTP.
     *
     * @return 1.0 or 1.1
     */
    public Version version() {
        return version;
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
     * @return true in one of the ranges
     */
    public boolean accepts(int status) {
        return statuses.stream().anyMatch(range -> range.holds(status));
    }

    /**
     * Returns the statuses that count as healthy.
     *
     * @return such as {@code 2xx, 301-302}
     */
    public String statuses() {
        return statuses.stream().map(StatusRange::text).collect(Collectors.joining(", "));
    }

    void check(String where, Mistakes mistakes) {
        if (!path.startsWith("/")
                || path.length() > MAX_PATH_LENGTH
                || !path.chars().allMatch(HttpCheck::isVisible)) {
            mistakes.add(where, "path", path, "1 to 512 visible ASCII characters starting with /");
        }
        if (host != null
                && (host.isEmpty()
                        || host.length() > MAX_HOST_LENGTH
                        || !host.chars().allMatch(HttpCheck::isVisible))) {
            mistakes.add(where, "host", host, "a host name, with a port if need be");
        }
        for (StatusRange range : statuses) {
            if (!range.isSound()) {
                mistakes.add(where, "statuses", range.text(), StatusRange.EXPECTATION);
            }
        }
    }

    private static boolean isVisible(int c) {
        return c > ' ' && c < 0x7f;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HttpCheck that
                && path.equals(that.path)
                && version == that.version
                && method == that.method
                && Objects.equals(host, that.host)
                && statuses.equals(that.statuses);
    }

    @Override
    public int hashCode() {
        return Objects.hash(path, version, method, host, statuses);
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
