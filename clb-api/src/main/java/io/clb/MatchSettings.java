package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.RuleConfig.PathMatch;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is set about which requests a rule takes.
 *
 * @param <B> what is set up
 */
abstract class MatchSettings<B> extends SettingsBuilder<B> {

    private static final int MAX_HOST_LENGTH = 253;
    private static final int MAX_PATH_LENGTH = 512;
    private static final String HOST_EXPECTATION =
            "a name of 1 to 253 letters, digits, - _ and dots, with *. in front for all names under it,"
                    + " or an IPv4 literal, or an IPv6 literal in brackets; no port";
    private static final String PATH_EXPECTATION =
            "1 to 512 visible ASCII characters starting with /, none of them ? or #";
    private static final String WILDCARD = "*.";
    private static final String EVERY_PATH = "/";

    private @Nullable String host;
    private @Nullable String path;
    private PathMatch pathMatch = PathMatch.PREFIX;
    final RuleConditions conditions;

    MatchSettings() {
        super(Settings.DEFAULTS);
        conditions = new RuleConditions(List.of());
    }

    MatchSettings(RuleConfig from, Settings set) {
        super(set);
        host = from.host();
        path = from.path();
        pathMatch = from.pathMatch();
        conditions = new RuleConditions(from.conditions());
    }

    /**
     * Takes only requests for this host, in upper or lower case, with any port; every host unless set.
     *
     * @param value a name such as {@code api.example.com} of 1 to 253 letters, digits, hyphens, underscores and dots; {@code *.example.com} for all
     *     names with one or more labels before {@code example.com}; an IPv4 literal; or an IPv6 literal in brackets. Literals are compared as text,
     *     in the spelling of RFC 5952
     * @return this
     */
    public B host(String value) {
        host = requireNonNull(value, "value");
        return self();
    }

    /**
     * Takes only requests whose path begins with this, as a string: {@code /ab} takes {@code /abc} too. Every path unless set.
     *
     * @param prefix {@code /} and more, 1 to 512 visible ASCII characters without {@code ?} and {@code #}; compared with the normal form of the request's path,
     *     in the same case, see {@link #path(String, PathMatch)}
     * @return this
     */
    public B path(String prefix) {
        return path(prefix, PathMatch.PREFIX);
    }

    /**
     * Takes only requests with a path. Compared is its normal form (RFC 3986 6.2.2): segments {@code .} and {@code ..} resolved, letters, digits and {@code -._~} not escaped, other
     * escapes in upper case, and several slashes in a row one if the listener has {@link ListenerConfig.Builder mergeSlashes}. What is passed on stays as the client sent it.
     *
     * @param value {@code /} and more, 1 to 512 visible ASCII characters without {@code ?} and {@code #}, in normal form itself; compared in the same case
     * @param match how much of the request's path that is
     * @return this
     */
    public B path(String value, PathMatch match) {
        path = requireNonNull(value, "value");
        pathMatch = requireNonNull(match, "match");
        return self();
    }

    /**
     * Takes only requests of these methods. At most 10 conditions of this and the following kinds may be set, each with 1 to 100 values, of which one must fit.
     *
     * @param values methods, case as sent, such as {@code GET}
     * @return this
     */
    public B method(String... values) {
        conditions.set(RuleCondition.Kind.METHOD, "", values);
        return self();
    }

    /**
     * Takes only requests with a header field of a value. Of several fields of the name the first counts.
     *
     * @param field the field's name, a token of 1 to 100 characters
     * @param values up to 128 characters each, case as sent; {@code *} stands for any text, {@code ?} for one character
     * @return this
     */
    public B header(String field, String... values) {
        conditions.set(RuleCondition.Kind.HEADER, requireNonNull(field, "field").toLowerCase(Locale.ROOT), values);
        return self();
    }

    /**
     * Takes only requests with a parameter of a value in their query. Of several of the name the first counts. Names and values are compared decoded.
     *
     * @param parameter its name, 1 to 100 characters
     * @param values up to 128 characters each; {@code *} stands for any text, {@code ?} for one character
     * @return this
     */
    public B query(String parameter, String... values) {
        conditions.set(RuleCondition.Kind.QUERY, parameter, values);
        return self();
    }

    /**
     * Takes only requests with a cookie of a value. Of several of the name the first counts.
     *
     * @param cookie its name, a token of 1 to 100 characters
     * @param values up to 128 characters each; {@code *} stands for any text, {@code ?} for one character
     * @return this
     */
    public B cookie(String cookie, String... values) {
        conditions.set(RuleCondition.Kind.COOKIE, cookie, values);
        return self();
    }

    /**
     * Takes only requests of clients with these addresses.
     *
     * @param blocks addresses, or blocks of them, see {@link CidrSet#of}
     * @return this
     */
    public B source(String... blocks) {
        conditions.set(RuleCondition.Kind.SOURCE, "", blocks);
        return self();
    }

    /**
     * Asks no longer for what was set; does nothing if it was not.
     *
     * @param kind what is looked at
     * @param name which header field, parameter or cookie; empty for the others
     * @return this
     */
    public B removeCondition(RuleCondition.Kind kind, String name) {
        requireNonNull(name, "name");
        boolean anyCase = requireNonNull(kind, "kind") == RuleCondition.Kind.HEADER;
        conditions.remove(kind, anyCase ? name.toLowerCase(Locale.ROOT) : name);
        return self();
    }

    /**
     * Sets the place among rules of the same host and path: 1 to 10,000, the smallest first; 10,000, the last, unless set. Two of the same place are refused unless
     * no request can fit both, and so is one that only takes what another one takes before it. At most 100 rules may have the same host and path.
     *
     * @param place the place
     * @return this
     */
    public B priority(int place) {
        return set(Options.PRIORITY, place);
    }

    final String pathOrEvery() {
        return path == null ? EVERY_PATH : path;
    }

    final PathMatch pathMatch() {
        // Behind a slash, a segment begins.
        return pathMatch == PathMatch.SEGMENTS && pathOrEvery().endsWith(EVERY_PATH) ? PathMatch.PREFIX : pathMatch;
    }

    /** One spelling for one host, or null if there is none, or it is none. */
    final @Nullable String soundHost() {
        return host == null ? null : soundHost(host);
    }

    /** Adds a mistake and returns false if nobody can tell which host and path the rule is for. */
    final boolean checkPlace(String where, Mistakes mistakes) {
        boolean hostFits = host == null || soundHost(host) != null;
        if (!hostFits) {
            mistakes.add(where, "host", String.valueOf(host), HOST_EXPECTATION);
        }
        boolean pathFits = path == null || isPath(path);
        if (!pathFits) {
            mistakes.add(where, "path", String.valueOf(path), PATH_EXPECTATION);
        }
        return hostFits && pathFits;
    }

    /** Adds a mistake and returns false if the rule would take every request. */
    final boolean checkAny(String where, List<RuleCondition> others, Mistakes mistakes) {
        boolean any = host != null || path != null || !others.isEmpty();
        if (!any) {
            mistakes.add(
                    where,
                    "host and path",
                    "not set",
                    "one of them or another condition, or forwardTo of the listener instead");
        }
        return any;
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
