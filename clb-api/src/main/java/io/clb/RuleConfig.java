package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.spi.SchedulerFactory;
import io.clb.spi.SessionStickerFactory;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A forwarding rule of an HTTP listener, as configured: which requests it takes, and where they go, or what answers them. Immutable.
 *
 * <p>One rule takes a request. The host is decided first, and alone: the rules of the host itself come first, then those of the longest wildcard that
 * covers it, and those without a host only if no other rule has a host that fits. Among the rules of that one host the longest path that fits decides, of those whose
 * other conditions hold; of one path in several rules the exact one is first, then the one of whole segments; then the smaller priority. If none fits, the request goes
 * to the listener's own group, or is answered with 404 if it has none; it never goes back to a wildcard or to the rules without a host.
 */
public final class RuleConfig {

    /** How much of a request's path a rule's is. Of rules of one path, the first of these comes first. */
    public enum PathMatch {
        /** All of it. */
        EXACT,
        /** Its first segments: {@code /ab} takes {@code /ab} and {@code /ab/c}, and not {@code /abc}. */
        SEGMENTS,
        /** Its beginning, as a string: {@code /ab} takes {@code /abc} too. */
        PREFIX
    }

    private static final int MAX_HOST_LENGTH = 253;
    private static final int MAX_PATH_LENGTH = 512;
    private static final String HOST_EXPECTATION =
            "a name of 1 to 253 letters, digits, - _ and dots, with *. in front for all names under it,"
                    + " or an IPv4 literal, or an IPv6 literal in brackets; no port";
    private static final String PATH_EXPECTATION =
            "1 to 512 visible ASCII characters starting with /, none of them ? or #";
    private static final int MAX_GROUPS = 10;
    private static final String WILDCARD = "*.";
    private static final String EVERY_PATH = "/";

    private final String name;
    private final @Nullable String host;
    private final String path;
    private final PathMatch pathMatch;
    private final List<RuleCondition> conditions;
    private final Map<String, Integer> serverGroups;
    private final @Nullable SchedulerFactory scheduler;
    private final @Nullable SessionStickerFactory sticker;
    private final boolean notSticky;
    private final @Nullable Rewrite rewrite;
    private final @Nullable String mirrorGroup;
    private final @Nullable Redirect redirect;
    private final @Nullable FixedResponse response;
    private final @Nullable Redirect overLimitRedirect;
    private final @Nullable FixedResponse overLimitResponse;
    private final Settings settings;
    private final Map<Limit.Kind, Limit> limits;

    private RuleConfig(
            Builder builder, @Nullable String host, List<RuleCondition> conditions, Map<Limit.Kind, Limit> limits) {
        this.name = builder.name;
        this.host = host;
        this.path = builder.path == null ? EVERY_PATH : builder.path;
        // Behind a slash, a segment begins.
        this.pathMatch = builder.pathMatch == PathMatch.SEGMENTS && path.endsWith(EVERY_PATH)
                ? PathMatch.PREFIX
                : builder.pathMatch;
        this.conditions = conditions;
        this.serverGroups = Collections.unmodifiableMap(new LinkedHashMap<>(builder.serverGroups));
        this.scheduler = builder.scheduler;
        this.sticker = builder.sticker;
        this.notSticky = builder.notSticky;
        this.rewrite = builder.rewrite;
        this.mirrorGroup = builder.mirrorGroup;
        this.redirect = builder.redirect;
        this.response = builder.response;
        this.overLimitRedirect = builder.overLimitRedirect;
        this.overLimitResponse = builder.overLimitResponse;
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
     * Returns the path of the requests that the rule takes, or its beginning.
     *
     * @return what {@link #pathMatch} says; {@code /}, which every path begins with, unless set
     */
    public String path() {
        return path;
    }

    /**
     * Returns how much of a request's path that is.
     *
     * @return the beginning, unless set otherwise
     */
    public PathMatch pathMatch() {
        return pathMatch;
    }

    /**
     * Returns what the rule asks for besides.
     *
     * @return conditions, all of which must hold, in the order of setting; empty for none
     */
    public List<RuleCondition> conditions() {
        return conditions;
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
     * Returns the server groups that requests go to.
     *
     * @return the groups by name, each with its weight, in the order of setting; empty if the rule answers by itself. Unmodifiable
     */
    public Map<String, Integer> serverGroups() {
        return serverGroups;
    }

    /**
     * Returns the scheduler for requests of this rule.
     *
     * @return the scheduler; null for the listener's or else the group's
     */
    public @Nullable SchedulerFactory scheduler() {
        return scheduler;
    }

    /**
     * Returns what keeps clients with their servers.
     *
     * @return the stickiness; null for the listener's, or for none if {@link #isNotSticky}
     */
    public @Nullable SessionStickerFactory sticker() {
        return sticker;
    }

    /**
     * Tells whether requests of this rule go to any server, whatever the listener's stickiness.
     *
     * @return true if so
     */
    public boolean isNotSticky() {
        return notSticky;
    }

    /**
     * Returns what is changed in requests on their way to servers.
     *
     * @return the changes; null for none
     */
    public @Nullable Rewrite rewrite() {
        return rewrite;
    }

    /**
     * Returns the server group that gets copies of requests.
     *
     * @return the group; null for none
     */
    public @Nullable String mirrorGroup() {
        return mirrorGroup;
    }

    /**
     * Returns the share of the requests that are copied.
     *
     * @return 1 to 100 of a hundred, of no meaning without {@link #mirrorGroup}
     */
    public int mirrorPercent() {
        return settings.get(Options.MIRROR_PERCENT);
    }

    /**
     * Returns how many copies there may be at a time.
     *
     * @return 1 to 1,000,000, of no meaning without {@link #mirrorGroup}
     */
    public int maxMirrored() {
        return settings.get(Options.MAX_MIRRORED);
    }

    /**
     * Returns where clients are sent.
     *
     * @return the answer; null if the rule does something else
     */
    public @Nullable Redirect redirect() {
        return redirect;
    }

    /**
     * Returns what clients are answered.
     *
     * @return the answer; null if the rule does something else
     */
    public @Nullable FixedResponse response() {
        return response;
    }

    /**
     * Returns where clients are sent whose requests a limit refuses.
     *
     * @return the answer; null if the rule does something else
     */
    public @Nullable Redirect overLimitRedirect() {
        return overLimitRedirect;
    }

    /**
     * Returns what is answered when a limit refuses a request.
     *
     * @return the answer; null if the rule does something else
     */
    public @Nullable FixedResponse overLimitResponse() {
        return overLimitResponse;
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
                && pathMatch == that.pathMatch
                && conditions.equals(that.conditions)
                && List.copyOf(serverGroups.entrySet()).equals(List.copyOf(that.serverGroups.entrySet()))
                && Objects.equals(scheduler, that.scheduler)
                && Objects.equals(sticker, that.sticker)
                && notSticky == that.notSticky
                && Objects.equals(rewrite, that.rewrite)
                && Objects.equals(mirrorGroup, that.mirrorGroup)
                && Objects.equals(redirect, that.redirect)
                && Objects.equals(response, that.response)
                && Objects.equals(overLimitRedirect, that.overLimitRedirect)
                && Objects.equals(overLimitResponse, that.overLimitResponse)
                && settings.equals(that.settings)
                && limits.equals(that.limits);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                name,
                host,
                path,
                pathMatch,
                conditions,
                serverGroups,
                scheduler,
                sticker,
                notSticky,
                rewrite,
                mirrorGroup,
                redirect,
                response,
                overLimitRedirect,
                overLimitResponse,
                settings,
                limits);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("rule ").append(name).append(' ').append(place());
        conditions.forEach(condition -> text.append(", ").append(condition));
        Object target = redirect != null ? redirect : response != null ? response : groups();
        text.append(" -> ").append(target);
        if (mirrorGroup != null) {
            text.append(", mirror ").append(mirrorGroup);
        }
        return text.toString();
    }

    private String groups() {
        return serverGroups.size() == 1 ? serverGroups.keySet().iterator().next() : serverGroups.toString();
    }

    /** Host and path in one word: equal for rules that only their other conditions tell apart. */
    String place() {
        String how = switch (pathMatch) {
            case EXACT -> " (exact)";
            case SEGMENTS -> " (segments)";
            case PREFIX -> "";
        };
        return (host == null ? path : host + path) + how;
    }

    /** Sets up a rule: a host or a path or both, and where to forward to. Not for use by several threads. */
    public static final class Builder {

        private final String name;
        private @Nullable String host;
        private @Nullable String path;
        private PathMatch pathMatch = PathMatch.PREFIX;
        private final RuleConditions conditions;
        private final Map<String, Integer> serverGroups = new LinkedHashMap<>();
        private @Nullable SchedulerFactory scheduler;
        private @Nullable SessionStickerFactory sticker;
        private boolean notSticky;
        private @Nullable Rewrite rewrite;
        private @Nullable String mirrorGroup;
        private @Nullable Redirect redirect;
        private @Nullable FixedResponse response;
        private @Nullable Redirect overLimitRedirect;
        private @Nullable FixedResponse overLimitResponse;
        private Settings settings = Settings.DEFAULTS;
        private final Limits limits;

        Builder(String name) {
            this(name, Map.of(), List.of());
        }

        private Builder(String name, Map<Limit.Kind, Limit> limits, List<RuleCondition> conditions) {
            this.name = name;
            this.conditions = new RuleConditions(conditions);
            this.limits = new Limits(limits);
        }

        Builder(RuleConfig from) {
            this(from.name, from.limits, from.conditions);
            host = from.host;
            path = from.path;
            pathMatch = from.pathMatch;
            serverGroups.putAll(from.serverGroups);
            scheduler = from.scheduler;
            sticker = from.sticker;
            notSticky = from.notSticky;
            rewrite = from.rewrite;
            mirrorGroup = from.mirrorGroup;
            redirect = from.redirect;
            response = from.response;
            overLimitRedirect = from.overLimitRedirect;
            overLimitResponse = from.overLimitResponse;
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
         * @param prefix {@code /} and more, 1 to 512 visible ASCII characters without {@code ?} and {@code #}; compared with the normal form of the request's path,
         *     in the same case, see {@link #path(String, PathMatch)}
         * @return this
         */
        public Builder path(String prefix) {
            return path(prefix, PathMatch.PREFIX);
        }

        /**
         * Takes only requests with a path. Compared is its normal form (RFC 3986 6.2.2): segments {@code .} and {@code ..} resolved, letters, digits and {@code -._~} not escaped, other
         * escapes in upper case, and several slashes in a row one if the listener has {@link ListenerConfig.Builder#mergeSlashes}. What is passed on stays as the client sent it.
         *
         * @param value {@code /} and more, 1 to 512 visible ASCII characters without {@code ?} and {@code #}, in normal form itself; compared in the same case
         * @param match how much of the request's path that is
         * @return this
         */
        public Builder path(String value, PathMatch match) {
            path = requireNonNull(value, "value");
            pathMatch = requireNonNull(match, "match");
            return this;
        }

        /**
         * Takes only requests of these methods. At most 10 conditions of this and the following kinds may be set, each with 1 to 100 values, of which one must fit.
         *
         * @param values methods, case as sent, such as {@code GET}
         * @return this
         */
        public Builder method(String... values) {
            conditions.set(RuleCondition.Kind.METHOD, "", values);
            return this;
        }

        /**
         * Takes only requests with a header field of a value. Of several fields of the name the first counts.
         *
         * @param field the field's name, a token of 1 to 100 characters
         * @param values up to 128 characters each, case as sent; {@code *} stands for any text, {@code ?} for one character
         * @return this
         */
        public Builder header(String field, String... values) {
            conditions.set(
                    RuleCondition.Kind.HEADER, requireNonNull(field, "field").toLowerCase(Locale.ROOT), values);
            return this;
        }

        /**
         * Takes only requests with a parameter of a value in their query. Of several of the name the first counts. Names and values are compared decoded.
         *
         * @param parameter its name, 1 to 100 characters
         * @param values up to 128 characters each; {@code *} stands for any text, {@code ?} for one character
         * @return this
         */
        public Builder query(String parameter, String... values) {
            conditions.set(RuleCondition.Kind.QUERY, parameter, values);
            return this;
        }

        /**
         * Takes only requests with a cookie of a value. Of several of the name the first counts.
         *
         * @param cookie its name, a token of 1 to 100 characters
         * @param values up to 128 characters each; {@code *} stands for any text, {@code ?} for one character
         * @return this
         */
        public Builder cookie(String cookie, String... values) {
            conditions.set(RuleCondition.Kind.COOKIE, cookie, values);
            return this;
        }

        /**
         * Takes only requests of clients with these addresses.
         *
         * @param blocks addresses, or blocks of them, see {@link CidrSet#of}
         * @return this
         */
        public Builder source(String... blocks) {
            conditions.set(RuleCondition.Kind.SOURCE, "", blocks);
            return this;
        }

        /**
         * Asks no longer for what was set; does nothing if it was not.
         *
         * @param kind what is looked at
         * @param name which header field, parameter or cookie; empty for the others
         * @return this
         */
        public Builder removeCondition(RuleCondition.Kind kind, String name) {
            requireNonNull(name, "name");
            boolean anyCase = requireNonNull(kind, "kind") == RuleCondition.Kind.HEADER;
            conditions.remove(kind, anyCase ? name.toLowerCase(Locale.ROOT) : name);
            return this;
        }

        /**
         * Sets the place among rules of the same host and path: 1 to 10,000, the smallest first; 10,000, the last, unless set. Two of the same place are refused unless
         * no request can fit both, and so is one that only takes what another one takes before it. At most 100 rules may have the same host and path.
         *
         * @param place the place
         * @return this
         */
        public Builder priority(int place) {
            settings = settings.with(Options.PRIORITY, place);
            return this;
        }

        /**
         * Sends requests to a server group, and to no other. This, {@link #redirect} or {@link #respond} is required; the last one that was set counts.
         *
         * @param group the name of a group of this balancer
         * @return this
         */
        public Builder forwardTo(String group) {
            requireNonNull(group, "group");
            serverGroups.clear();
            return forwardTo(group, Options.WEIGHT.defaultValue());
        }

        /**
         * Sends a share of the requests to a server group, beside those that are set already; or changes its share. A client that a server is remembered for goes on to that one, in
         * whichever of the groups it is. Which group gets another request is drawn by weight, whether it has servers for it or not.
         *
         * @param group the name of a group of this balancer; at most 10 of them
         * @param weight 0 to 100, in proportion to the others' of this rule, of which one at least must be above 0; with 0 only clients that a server is remembered for go there
         * @return this
         */
        public Builder forwardTo(String group, int weight) {
            serverGroups.put(requireNonNull(group, "group"), weight);
            redirect = null;
            response = null;
            return this;
        }

        /**
         * Sets a scheduler for requests of this rule, in place of the listener's or the group's.
         *
         * @param factory the scheduler; null for theirs
         * @return this
         */
        public Builder scheduler(@Nullable SchedulerFactory factory) {
            scheduler = factory;
            return this;
        }

        /**
         * Sets what keeps clients with their servers for requests of this rule, in place of the listener's.
         *
         * @param factory the stickiness; null for the listener's
         * @return this
         */
        public Builder sticky(@Nullable SessionStickerFactory factory) {
            sticker = factory;
            notSticky = false;
            return this;
        }

        /**
         * Has requests of this rule go to any server, whatever the listener's stickiness.
         *
         * @return this
         */
        public Builder notSticky() {
            sticker = null;
            notSticky = true;
            return this;
        }

        /**
         * Changes requests on their way to servers. Rules, limits, schedulers, stickiness and observers see them as they came. Not for rules that answer by themselves.
         *
         * @param changes what is changed; null for nothing
         * @return this
         */
        public Builder rewrite(@Nullable Rewrite changes) {
            rewrite = changes;
            return this;
        }

        /**
         * Sends a copy of each request to a second server group too, whose answers are dropped: {@code mirrorTo(group, 100)}.
         *
         * @param group the name of a group of this balancer
         * @return this
         */
        public Builder mirrorTo(String group) {
            return mirrorTo(group, Options.MIRROR_PERCENT.defaultValue());
        }

        /**
         * Sends copies of a share of the requests to a second server group too, whose answers are dropped. The copy goes to a server that the group's own scheduler picks,
         * as the request goes to its server: with what {@link #rewrite} changes and what the listener adds, and without {@code Expect}. Whatever becomes of it, its
         * client notices nothing: a copy is given up where its server does not take the body as fast. Requests for a WebSocket are not copied. No limit counts copies, no access log and no
         * observer tells of them; {@link Snapshot.Listener#mirrors} does. Not for rules that answer by themselves.
         *
         * @param group the name of a group of this balancer, other than those that the rule forwards to
         * @param percent 1 to 100, of a hundred requests, drawn by chance for each
         * @return this
         */
        public Builder mirrorTo(String group, int percent) {
            mirrorGroup = requireNonNull(group, "group");
            settings = settings.with(Options.MIRROR_PERCENT, percent);
            return this;
        }

        /**
         * Sets how many copies of requests there may be at a time on this balancer: 1 to 1,000,000; 1,000 unless set. Of one request more no copy is made.
         *
         * @param count the number
         * @return this
         */
        public Builder maxMirrored(int count) {
            settings = settings.with(Options.MAX_MIRRORED, count);
            return this;
        }

        /**
         * Makes no copies any more, and forgets what was set about them; does nothing if none were made. Those that are under way go on.
         *
         * @return this
         */
        public Builder noMirror() {
            mirrorGroup = null;
            settings = settings.without(Options.MIRROR_PERCENT).without(Options.MAX_MIRRORED);
            return this;
        }

        /**
         * Sends clients elsewhere. The rule's limits are asked first.
         *
         * @param answer where to
         * @return this
         */
        public Builder redirect(Redirect answer) {
            return answer(requireNonNull(answer, "answer"), null);
        }

        /**
         * Answers requests. The rule's limits are asked first.
         *
         * @param answer what with
         * @return this
         */
        public Builder respond(FixedResponse answer) {
            return answer(null, requireNonNull(answer, "answer"));
        }

        private Builder answer(@Nullable Redirect elsewhere, @Nullable FixedResponse answer) {
            serverGroups.clear();
            redirect = elsewhere;
            response = answer;
            return this;
        }

        /**
         * Sends clients elsewhere whose requests a limit refuses, of this rule, of the listener or of the balancer, in place of 503.
         *
         * @param answer where to
         * @return this
         */
        public Builder overLimit(Redirect answer) {
            return overLimit(requireNonNull(answer, "answer"), null);
        }

        /**
         * Answers requests that a limit refuses, of this rule, of the listener or of the balancer, in place of 503.
         *
         * @param answer what with
         * @return this
         */
        public Builder overLimit(FixedResponse answer) {
            return overLimit(null, requireNonNull(answer, "answer"));
        }

        /**
         * Has requests that a limit refuses be answered with 503 again.
         *
         * @return this
         */
        public Builder removeOverLimit() {
            return overLimit(null, null);
        }

        private Builder overLimit(@Nullable Redirect elsewhere, @Nullable FixedResponse answer) {
            overLimitRedirect = elsewhere;
            overLimitResponse = answer;
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
            List<RuleCondition> others = conditions.build(where, mistakes);
            boolean any = host != null || path != null || !others.isEmpty();
            if (!any) {
                mistakes.add(
                        where,
                        "host and path",
                        "not set",
                        "one of them or another condition, or forwardTo of the listener instead");
            }
            settings.check(where, mistakes);
            checkTarget(where, groups, mistakes);
            checkMirror(where, groups, mistakes);
            Map<Limit.Kind, Limit> built =
                    limits.build(where, Limit.Scope.RULE, ListenerConfig.Protocol.HTTP, mistakes);
            return any && hostFits && pathFits ? new RuleConfig(this, soundHost, others, built) : null;
        }

        private void checkTarget(String where, Set<String> groups, Mistakes mistakes) {
            if (redirect != null) {
                redirect.check(where, mistakes);
            } else if (response != null) {
                response.check(where, mistakes);
            } else if (serverGroups.isEmpty()) {
                mistakes.add(
                        where,
                        "forwardTo",
                        "not set",
                        "one of the server groups " + groups + ", or redirect or respond");
            } else {
                checkGroups(where, groups, mistakes);
            }
            if (rewrite != null) {
                rewrite.check(where, mistakes);
                if (redirect != null || response != null) {
                    mistakes.add(where, "rewrite", rewrite, "not set: the rule answers by itself");
                }
            }
            if (overLimitRedirect != null) {
                overLimitRedirect.check(where + ": overLimit", mistakes);
            }
            if (overLimitResponse != null) {
                overLimitResponse.check(where + ": overLimit", mistakes);
            }
            if (sticker != null) {
                StickyRules.check(where, ListenerConfig.Protocol.HTTP, sticker, mistakes);
            }
        }

        private void checkMirror(String where, Set<String> groups, Mistakes mistakes) {
            String to = mirrorGroup;
            if (to == null) {
                if (settings.has(Options.MAX_MIRRORED)) {
                    mistakes.add(where, "maxMirrored", settings.get(Options.MAX_MIRRORED), "not set, or mirrorTo too");
                }
            } else if (redirect != null || response != null) {
                mistakes.add(where, "mirrorTo", to, "not set: the rule answers by itself");
            } else if (!groups.contains(to)) {
                mistakes.add(where, "mirrorTo", to, "one of the server groups " + groups);
            } else if (serverGroups.containsKey(to)) {
                mistakes.add(where, "mirrorTo", to, "a group that the rule does not forward to");
            }
        }

        private void checkGroups(String where, Set<String> groups, Mistakes mistakes) {
            serverGroups.forEach((group, weight) -> {
                if (!groups.contains(group)) {
                    mistakes.add(where, "forwardTo", group, "one of the server groups " + groups);
                }
                Options.WEIGHT.check(where + ": forwardTo " + group, weight, mistakes);
            });
            if (serverGroups.size() > MAX_GROUPS) {
                mistakes.add(where, "forwardTo", serverGroups.size() + " groups", "at most " + MAX_GROUPS);
            }
            if (serverGroups.values().stream().allMatch(weight -> weight == 0)) {
                mistakes.add(where, "forwardTo", serverGroups, "a weight above 0 for one of them at least");
            }
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
