package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.spi.HealthChecker;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the servers of a group are probed. Immutable: each method returns a changed copy. A group without one is probed by {@link #tcp()}.
 *
 * <p>Probes of one server never overlap; each balancer probes for itself; probes are spread in time.
 */
public final class HealthCheck {

    /** The kinds of probe. */
    public enum Kind {
        /** No probe: a server is taken to be up. */
        NONE,
        /** A TCP connection that opens within the timeout; it is closed with RST, without data. */
        TCP,
        /** An HTTP request with an answer of an expected status. */
        HTTP,
        /** A check of the application's own. */
        CUSTOM
    }

    private static final HealthCheck NONE = new HealthCheck(Kind.NONE, Settings.DEFAULTS, null, null);
    private static final HealthCheck TCP = new HealthCheck(Kind.TCP, Settings.DEFAULTS, null, null);

    private final Kind kind;
    private final Settings settings;
    private final @Nullable HttpCheck http;
    private final @Nullable HealthChecker checker;

    private HealthCheck(Kind kind, Settings settings, @Nullable HttpCheck http, @Nullable HealthChecker checker) {
        this.kind = kind;
        this.settings = settings;
        this.http = http;
        this.checker = checker;
    }

    /**
     * No health check: servers are taken to be up.
     *
     * @return the setting
     */
    public static HealthCheck none() {
        return NONE;
    }

    /**
     * A TCP connect.
     *
     * @return the check with default settings
     */
    public static HealthCheck tcp() {
        return TCP;
    }

    /**
     * An HTTP request: {@code HEAD path} over HTTP/1.1, answered by 2xx. Needs clb-l7.
     *
     * @param path the target, 1 to 512 visible ASCII characters, starting with {@code /}
     * @return the check with default settings
     */
    public static HealthCheck http(String path) {
        return http(HttpCheck.path(path));
    }

    /**
     * An HTTP request with more settings. Needs clb-l7.
     *
     * @param request what to send and what to expect
     * @return the check with default settings
     */
    public static HealthCheck http(HttpCheck request) {
        return new HealthCheck(Kind.HTTP, Settings.DEFAULTS, requireNonNull(request, "request"), null);
    }

    /**
     * A check of the application's own.
     *
     * @param checker the check
     * @return the check with default settings
     */
    public static HealthCheck custom(HealthChecker checker) {
        return new HealthCheck(Kind.CUSTOM, Settings.DEFAULTS, null, requireNonNull(checker, "checker"));
    }

    /**
     * Sets the pause from the end of a probe to the start of the next: 100 ms to 50 s, 2 s unless set.
     *
     * @param interval the pause
     * @return a changed copy
     */
    public HealthCheck interval(Duration interval) {
        return with(Options.CHECK_INTERVAL, interval);
    }

    /**
     * Sets how long a probe may take: 100 ms to 300 s, 5 s unless set.
     *
     * @param timeout the time
     * @return a changed copy
     */
    public HealthCheck timeout(Duration timeout) {
        return with(Options.CHECK_TIMEOUT, timeout);
    }

    /**
     * Sets how many good probes in a row bring a failed server back: 1 to 10, 3 unless set.
     *
     * @param probes the number
     * @return a changed copy
     */
    public HealthCheck healthyThreshold(int probes) {
        return with(Options.HEALTHY_THRESHOLD, probes);
    }

    /**
     * Sets how many bad probes in a row take a server out: 1 to 10, 3 unless set.
     *
     * @param probes the number
     * @return a changed copy
     */
    public HealthCheck unhealthyThreshold(int probes) {
        return with(Options.UNHEALTHY_THRESHOLD, probes);
    }

    /**
     * Sets the port to probe: 1 to 65535; unless set, or with 0, the server's own.
     *
     * @param port the port
     * @return a changed copy
     */
    public HealthCheck port(int port) {
        return with(Options.CHECK_PORT, port);
    }

    private <T extends Comparable<T>> HealthCheck with(Option<T> option, T value) {
        return new HealthCheck(kind, settings.with(option, value), http, checker);
    }

    /**
     * Returns the kind of probe.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns a setting.
     *
     * @param option an option of {@link Option.Scope#HEALTH_CHECK}
     * @param <T> its type
     * @return its value, the default unless set
     */
    public <T extends Comparable<T>> T get(Option<T> option) {
        return settings.get(option);
    }

    /**
     * Returns what an HTTP check sends and expects.
     *
     * @return the request, or null for another kind
     */
    public @Nullable HttpCheck httpCheck() {
        return http;
    }

    /**
     * Returns the application's own check.
     *
     * @return the check, or null for another kind
     */
    public @Nullable HealthChecker checker() {
        return checker;
    }

    /**
     * Returns the longest time until a server that stopped answering is taken out: timeout x unhealthyThreshold + interval x
     * (unhealthyThreshold - 1), 19 s with the defaults.
     *
     * @return the window
     */
    public Duration noticeWindow() {
        int probes = get(Options.UNHEALTHY_THRESHOLD);
        return get(Options.CHECK_TIMEOUT)
                .multipliedBy(probes)
                .plus(get(Options.CHECK_INTERVAL).multipliedBy(probes - 1L));
    }

    /**
     * Returns the time until a server that answers again is back: answer time x healthyThreshold + interval x (healthyThreshold - 1).
     *
     * @param answerTime how long the server takes to answer a probe
     * @return the window, counted from the first good probe's start
     */
    public Duration recoveryWindow(Duration answerTime) {
        int probes = get(Options.HEALTHY_THRESHOLD);
        return requireNonNull(answerTime, "answerTime")
                .multipliedBy(probes)
                .plus(get(Options.CHECK_INTERVAL).multipliedBy(probes - 1L));
    }

    void check(String where, Mistakes mistakes) {
        settings.check(where + ": healthCheck", mistakes);
        if (http != null) {
            http.check(where + ": healthCheck", mistakes);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HealthCheck that
                && kind == that.kind
                && settings.equals(that.settings)
                && Objects.equals(http, that.http)
                && Objects.equals(checker, that.checker);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, settings, http, checker);
    }

    @Override
    public String toString() {
        return kind == Kind.NONE
                ? "none"
                : kind + " every " + Options.CHECK_INTERVAL.format(get(Options.CHECK_INTERVAL));
    }
}
