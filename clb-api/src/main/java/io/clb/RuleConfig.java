package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A forwarding rule of an HTTP listener, as configured: which requests it takes, and where they go. Immutable.
 *
 * <p>One rule takes a request. The host is decided first, and alone: the rules of the host itself come first, then those of the longest wildcard that
 * covers it, and those without a host only if no other rule has a host that fits. Among the rules of that one host the longest path that the request's
 * path begins with decides. If none does, the request goes to the listener's own group, or is answered with 404 if it has none; it never goes back to
 * a wildcard or to the rules without a host.
 */
public final class RuleConfig {

    private static final int MAX_HOST_LENGTH = 253;
    private static final int MAX_PATH_LENGTH = 512;
    private static final String HOST_EXPECTATION =
            "a name of 1 to 253 letters, digits, - _ and dots, with *. in front for all names under it,"
                    + " or an IPv4 literal, or an IPv6 literal in brackets; no port";
    private static final String PATH_EXPECTATION =
            "1 to 512 visible ASCII characters starting with /, none of them ? or #";
    private static final String WILDCARD = "*.";
    private static final String EVERY_PATH = "/";

    private final String name;
    private final @Nullable String host;
    private final String path;
    private final String serverGroup;
    private final Settings settings;
    private final Map<Limit.Kind, Limit> limits;

    private RuleConfig(Builder builder, @Nullable String host, String serverGroup, Map<Limit.Kind, Limit> limits) {
        this.name = builder.name;
        this.host = host;
        this.path = builder.path == null ? EVERY_PATH : builder.path;
        this.serverGroup = serverGroup;
        this.settings = builder.settings;
        this.limits = limits;
    }

    /**
     * Returns the name.
     *
     * @return the name, unique in the listener
     */
    public String name() {
        return name;
    }

    /**
     * Returns the host of the requests that the rule takes.
     *
     * @return a name or literal in lower case without a dot at its end, {@code *.} and a name for all names under that; null for every host that no
     *     other rule fits
     */
    public @Nullable String host() {
        return host;
    }

    /**
     * Returns what the path of the requests begins with.
     *
     * @return the beginning, as a string and not by segments; {@code /}, which every path begins with, unless set
     */
    public String path() {
        return path;
    }

    /**
     * Returns the place among rules of the same host and path.
     *
     * @return 1 to 10,000, the smallest first
     */
    public int priority() {
        return settings.get(Options.PRIORITY);
    }

    /**
     * Returns the name of the server group that requests go to.
     *
     * @return the group
     */
    public String serverGroup() {
        return serverGroup;
    }

    /**
     * Returns the limits.
     *
     * @return an unmodifiable map, in the order of the kinds; empty for none
     */
    public Map<Limit.Kind, Limit> limits() {
        return limits;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RuleConfig that
                && name.equals(that.name)
                && Objects.equals(host, that.host)
                && path.equals(that.path)
                && serverGroup.equals(that.serverGroup)
                && settings.equals(that.settings)
                && limits.equals(that.limits);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, host, path, serverGroup, settings, limits);
    }

    @Override
    public String toString() {
        return "rule " + name + " " + conditions() + " -> " + serverGroup;
    }

    /** Host and path in one word: equal for rules that take the same requests. */
    String conditions() {
        return host == null ? path : host + path;
    }

    /** Sets up a rule: a host or a path or both, and where to forward to. Not for use by several threads. */
    public static final class Builder {

        private final String name;
        private @Nullable String host;
        private @Nullable String path;
        private @Nullable String serverGroup;
        private Settings settings = Settings.DEFAULTS;
        private final Limits limits;

        Builder(String name) {
            this(name, Map.of());
        }

        private Builder(String name, Map<Limit.Kind, Limit> limits) {
            this.name = name;
            this.limits = new Limits(limits);
        }

        Builder(RuleConfig from) {
            this(from.name, from.limits);
            host = from.host;
            path = from.path;
            serverGroup = from.serverGroup;
            settings = from.settings;
        }

        /**
         * Takes only requests for this host, in upper or lower case, with any port; every host unless set.
         *
         * @param value a name such as {@code api.example.com} of 1 to 253 letters, digits, hyphens, underscores and dots; {@code *.example.com} for all
         *     names with one or more labels before {@code example.com}; an IPv4 literal; or an IPv6 literal in brackets. Literals are compared as text,
         *     in the spelling of RFC 5952
         * @return this
         */
        public Builder host(String value) {
            host = requireNonNull(value, "value");
            return this;
        }

        /**
         * Takes only requests whose path begins with this, as a string: {@code /ab} takes {@code /abc} too. Every path unless set.
         *
         * @param prefix {@code /} and more, 1 to 512 visible ASCII characters without {@code ?} and {@code #}; compared as it stands in the request,
         *     in the same case
         * @return this
         */
        public Builder path(String prefix) {
            path = requireNonNull(prefix, "prefix");
            return this;
        }

        /**
         * Sets the place among rules of the same host and path: 1 to 10,000, the smallest first; 10,000, the last, unless set. As long as host and path
         * are all that a rule can ask for, the second of two such rules could never match, and is refused whatever its place.
         *
         * @param place the place
         * @return this
         */
        public Builder priority(int place) {
            settings = settings.with(Options.PRIORITY, place);
            return this;
        }

        /**
         * Sets the server group that requests go to. Required.
         *
         * @param group the name of a group of this balancer
         * @return this
         */
        public Builder forwardTo(String group) {
            serverGroup = requireNonNull(group, "group");
            return this;
        }

        /**
         * Limits the requests that the rule takes, or changes the limit of that kind. They count for the limits of the listener and of the balancer too. A
         * change is in force at once, and gives no free burst. Needs io.clb:clb-ratelimit.
         *
         * @param limit a total for the whole cluster, such as {@code Limit.qps(500)}; connections are not limited here
         * @return this
         */
        public Builder limit(Limit limit) {
            limits.set(limit);
            return this;
        }

        /**
         * Removes a limit.
         *
         * @param kind the kind of one that is set
         * @return this
         */
        public Builder removeLimit(Limit.Kind kind) {
            limits.remove(kind);
            return this;
        }

        /** Returns the rule, or null, with a mistake, if nobody can tell which requests it takes. */
        @Nullable
        RuleConfig build(String listener, Set<String> groups, Mistakes mistakes) {
            String where = listener + ": rule " + name;
            Names.check(listener + ": rule", name, mistakes);
            String soundHost = host == null ? null : soundHost(host);
            boolean hostFits = host == null || soundHost != null;
            if (!hostFits) {
                mistakes.add(where, "host", String.valueOf(host), HOST_EXPECTATION);
            }
            boolean pathFits = path == null || isPath(path);
            if (!pathFits) {
                mistakes.add(where, "path", String.valueOf(path), PATH_EXPECTATION);
            }
            boolean any = host != null || path != null;
            if (!any) {
                mistakes.add(where, "host and path", "not set", "one of them, or forwardTo of the listener instead");
            }
            settings.check(where, mistakes);
            String group = serverGroup == null ? "" : serverGroup;
            if (!groups.contains(group)) {
                String value = serverGroup == null ? "not set" : serverGroup;
                mistakes.add(where, "forwardTo", value, "one of the server groups " + groups);
            }
            Map<Limit.Kind, Limit> built =
                    limits.build(where, Limit.Scope.RULE, ListenerConfig.Protocol.HTTP, mistakes);
            return any && hostFits && pathFits ? new RuleConfig(this, soundHost, group, built) : null;
        }

        /** One spelling for one host, or null if it is none. */
        private static @Nullable String soundHost(String text) {
            if (text.startsWith("[") && text.endsWith("]")) {
                String literal = text.substring(1, text.length() - 1);
                return IpLiteral.isIpv6(literal) ? "[" + spelling(literal) + "]" : null;
            }
            String host = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
            boolean sound = host.startsWith(WILDCARD)
                    ? HostPort.isName(host.substring(WILDCARD.length()))
                    : IpLiteral.isIpv4(host) || HostPort.isName(host);
            return sound && host.length() <= MAX_HOST_LENGTH ? host.toLowerCase(Locale.ROOT) : null;
        }

        /** That of RFC 5952. IPv4 in IPv6 stays as it is: in brackets it is no IPv4 literal. */
        private static String spelling(String ipv6) {
            String canonical = IpLiteral.canonical(ipv6);
            return IpLiteral.isIpv6(canonical) ? canonical : ipv6.toLowerCase(Locale.ROOT);
        }

        private static boolean isPath(String text) {
            return text.startsWith(EVERY_PATH)
                    && text.length() <= MAX_PATH_LENGTH
                    && text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '?' && c != '#');
        }
    }
}
