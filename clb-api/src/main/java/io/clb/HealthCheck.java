package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.spi.HealthChecker;
import io.clb.spi.Probe;
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
        /** A TCP connection that opens within the timeout; it is closed with RST, without data, unless a {@linkplain #proxyProtocol header} is sent. */
        TCP,
        /** A datagram: healthy unless the host says that nobody is on the port, or, where a reply is expected, if it comes. */
        UDP,
        /** An HTTP request with an answer of an expected status. */
        HTTP,
        /** A check of the application's own. */
        CUSTOM
    }

    private static final HealthCheck NONE = new HealthCheck(Kind.NONE, Settings.DEFAULTS, null, null, null);
    private static final HealthCheck TCP = new HealthCheck(Kind.TCP, Settings.DEFAULTS, null, null, null);

    /** Longer than those of the other kinds: most probes that find a healthy server last as long as the timeout. */
    private static final Settings UDP_DEFAULTS = Settings.DEFAULTS
            .with(Options.CHECK_TIMEOUT, Duration.ofSeconds(10))
            .with(Options.CHECK_INTERVAL, Duration.ofSeconds(5));

    private static final HealthCheck UDP = new HealthCheck(Kind.UDP, UDP_DEFAULTS, null, null, null);

    private final Kind kind;
    private final Settings settings;
    private final @Nullable String sourceAddress;
    private final ProxyProtocol.@Nullable Version proxyProtocol;
    private final @Nullable HttpCheck http;
    private final @Nullable UdpCheck udp;
    private final @Nullable HealthChecker checker;

    private HealthCheck(
            Kind kind,
            Settings settings,
            @Nullable HttpCheck http,
            @Nullable UdpCheck udp,
            @Nullable HealthChecker checker) {
        this(kind, settings, null, null, http, udp, checker);
    }

    private HealthCheck(
            Kind kind,
            Settings settings,
            @Nullable String sourceAddress,
            ProxyProtocol.@Nullable Version proxyProtocol,
            @Nullable HttpCheck http,
            @Nullable UdpCheck udp,
            @Nullable HealthChecker checker) {
        this.kind = kind;
        this.settings = settings;
        this.sourceAddress = sourceAddress;
        this.proxyProtocol = proxyProtocol;
        this.http = http;
        this.udp = udp;
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
     * A datagram, {@code clb-health-check} in ASCII. The server has failed if its host says within the timeout that nobody is on the port (ICMP port
     * unreachable); an answer is healthy, and so is silence, at the end of the timeout. So a host that is off, or that sends no ICMP, passes for
     * healthy: where the server answers to something, {@link #udp(UdpCheck)} tells more.
     *
     * <p>Its timeout is 10 s and its interval 5 s unless set. Not on io_uring.
     *
     * @return the check with default settings
     */
    public static HealthCheck udp() {
        return UDP;
    }

    /**
     * A datagram of the application's choice. Unless a reply is expected, an answer is healthy, and so is silence, as with {@link #udp()}.
     *
     * @param request what to send and what to expect
     * @return the check with default settings: a timeout of 10 s, an interval of 5 s
     */
    public static HealthCheck udp(UdpCheck request) {
        return new HealthCheck(Kind.UDP, UDP_DEFAULTS, null, requireNonNull(request, "request"), null);
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
        return new HealthCheck(Kind.HTTP, Settings.DEFAULTS, requireNonNull(request, "request"), null, null);
    }

    /**
     * A check of the application's own.
     *
     * @param checker the check
     * @return the check with default settings
     */
    public static HealthCheck custom(HealthChecker checker) {
        return new HealthCheck(Kind.CUSTOM, Settings.DEFAULTS, null, null, requireNonNull(checker, "checker"));
    }

    /**
     * Sets the pause from the end of a probe to the start of the next: 100 ms to 50 s; unless set 2 s, of a UDP check 5 s.
     *
     * @param interval the pause
     * @return a changed copy
     */
    public HealthCheck interval(Duration interval) {
        return with(Options.CHECK_INTERVAL, interval);
    }

    /**
     * Sets how long a probe may take: 100 ms to 300 s; unless set 5 s, of a UDP check 10 s.
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

    /**
     * Sets the address of this machine that probes come from; unless set, the one that routing picks. A server that cannot be probed from there, as the
     * machine does not have the address or it is of another family, has failed its probes, which say so.
     *
     * @param address an IPv4 or IPv6 literal without brackets; a check of the application's own finds it in {@link Probe#sourceAddress()}
     * @return a changed copy
     */
    public HealthCheck sourceAddress(String address) {
        return new HealthCheck(kind, settings, requireNonNull(address, "address"), proxyProtocol, http, udp, checker);
    }

    /**
     * Begins each probe with a header of the PROXY protocol, for servers that insist on one; unless set there is none. It says that the probe is this
     * balancer's own: {@code LOCAL}, in version 1 {@code PROXY UNKNOWN}. Of a UDP check it stands before the payload in the same datagram, of an HTTP check before
     * the request; a TCP check sends nothing else, and then closes with FIN, as a reset could cost the server the header. A check of {@linkplain #port another port}
     * than the server's begins with it, too.
     *
     * <p>Whether listeners send headers to servers is a setting of theirs ({@link ListenerConfig.Builder proxyProtocolOut}); neither follows from the other.
     *
     * @param version the form; for a UDP check {@link ProxyProtocol.Version#V2}. Of the kinds {@link Kind#NONE} and {@link Kind#CUSTOM} refused when the configuration
     *     is built
     * @return a changed copy
     */
    public HealthCheck proxyProtocol(ProxyProtocol.Version version) {
        return new HealthCheck(kind, settings, sourceAddress, requireNonNull(version, "version"), http, udp, checker);
    }

    private <T extends Comparable<T>> HealthCheck with(Option<T> option, T value) {
        return new HealthCheck(kind, settings.with(option, value), sourceAddress, proxyProtocol, http, udp, checker);
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
     * Returns the address of this machine that probes come from.
     *
     * @return the literal, or null for whichever routing picks
     */
    public @Nullable String sourceAddress() {
        return sourceAddress;
    }

    /**
     * Returns the form of the PROXY protocol's header that probes begin with.
     *
     * @return the version, or null for no header
     */
    public ProxyProtocol.@Nullable Version proxyProtocol() {
        return proxyProtocol;
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
     * Returns what a UDP check sends and expects.
     *
     * @return the request, or null for another kind and where none was given
     */
    public @Nullable UdpCheck udpCheck() {
        return udp;
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
     * (unhealthyThreshold - 1), 19 s with the defaults, 40 s with those of a UDP check.
     *
     * @return the window, counted from the start of the first probe that fails, at most an interval after the server did
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
     * @param answerTime how long the server takes to answer a probe; where silence is healthy, the timeout
     * @return the window, counted from the start of the first good probe
     */
    public Duration recoveryWindow(Duration answerTime) {
        int probes = get(Options.HEALTHY_THRESHOLD);
        return requireNonNull(answerTime, "answerTime")
                .multipliedBy(probes)
                .plus(get(Options.CHECK_INTERVAL).multipliedBy(probes - 1L));
    }

    void check(String where, Mistakes mistakes) {
        settings.check(where + ": healthCheck", mistakes);
        if (sourceAddress != null && !IpLiteral.isLiteral(sourceAddress)) {
            mistakes.add(
                    where + ": healthCheck",
                    "sourceAddress",
                    sourceAddress,
                    "an IPv4 or IPv6 literal of this machine, without brackets");
        }
        if (proxyProtocol != null) {
            checkProxyProtocol(where + ": healthCheck", proxyProtocol, mistakes);
        }
        if (http != null) {
            http.check(where + ": healthCheck", mistakes);
        }
        if (udp != null) {
            udp.check(where + ": healthCheck", mistakes);
        }
    }

    private void checkProxyProtocol(String where, ProxyProtocol.Version version, Mistakes mistakes) {
        if (kind == Kind.NONE || kind == Kind.CUSTOM) {
            mistakes.add(where, "proxyProtocol", version, "not set, as only TCP, UDP and HTTP checks have it");
        } else if (kind == Kind.UDP && version == ProxyProtocol.Version.V1) {
            mistakes.add(where, "proxyProtocol", version, "V2, as V1 is for connections only");
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HealthCheck that
                && kind == that.kind
                && settings.equals(that.settings)
                && Objects.equals(sourceAddress, that.sourceAddress)
                && proxyProtocol == that.proxyProtocol
                && Objects.equals(http, that.http)
                && Objects.equals(udp, that.udp)
                && Objects.equals(checker, that.checker);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, settings, sourceAddress, proxyProtocol, http, udp, checker);
    }

    @Override
    public String toString() {
        return kind == Kind.NONE
                ? "none"
                : kind + " every " + Options.CHECK_INTERVAL.format(get(Options.CHECK_INTERVAL));
    }
}
