package io.clb;

import io.clb.spi.SchedulerFactory;
import io.clb.spi.SessionStickerFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private final Answer answer;
    private final Answer overLimit;
    private final Settings settings;
    private final Map<Limit.Kind, Limit> limits;

    private RuleConfig(Builder builder, List<RuleCondition> conditions, Map<Limit.Kind, Limit> limits) {
        this.name = builder.name;
        this.host = builder.soundHost();
        this.path = builder.pathOrEvery();
        this.pathMatch = builder.pathMatch();
        this.conditions = conditions;
        this.serverGroups = Collections.unmodifiableMap(new LinkedHashMap<>(builder.serverGroups));
        this.scheduler = builder.scheduler;
        this.sticker = builder.sticker;
        this.notSticky = builder.notSticky;
        this.rewrite = builder.rewrite;
        this.mirrorGroup = builder.mirrorGroup;
        this.answer = builder.answer;
        this.overLimit = builder.overLimit;
        this.settings = builder.settings;
        this.limits = limits;
    }

    /** {@return the name, unique in the listener} */
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

    /** {@return the path of the requests that the rule takes, or its beginning, as {@link #pathMatch} says; {@code /}, which every path begins with, unless set} */
    public String path() {
        return path;
    }

    /** {@return how much of a request's path that is: its beginning, unless set otherwise} */
    public PathMatch pathMatch() {
        return pathMatch;
    }

    /** {@return what the rule asks for besides: conditions, all of which must hold, in the order of setting; empty for none} */
    public List<RuleCondition> conditions() {
        return conditions;
    }

    /** {@return the place among rules of the same host and path: 1 to 10,000, the smallest first} */
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

    /** {@return the scheduler for requests of this rule; null for the listener's or else the group's} */
    public @Nullable SchedulerFactory scheduler() {
        return scheduler;
    }

    /** {@return what keeps clients with their servers; null for the listener's, or for nothing if {@link #isNotSticky}} */
    public @Nullable SessionStickerFactory sticker() {
        return sticker;
    }

    /** {@return whether requests of this rule go to any server, whatever the listener's stickiness} */
    public boolean isNotSticky() {
        return notSticky;
    }

    /** {@return what is changed in requests on their way to servers; null for nothing} */
    public @Nullable Rewrite rewrite() {
        return rewrite;
    }

    /** {@return the server group that gets copies of requests; null for none} */
    public @Nullable String mirrorGroup() {
        return mirrorGroup;
    }

    /** {@return the share of the requests that are copied: 1 to 100 of a hundred, of no meaning without {@link #mirrorGroup}} */
    public int mirrorPercent() {
        return settings.get(Options.MIRROR_PERCENT);
    }

    /** {@return how many copies there may be at a time: 1 to 1,000,000, of no meaning without {@link #mirrorGroup}} */
    public int maxMirrored() {
        return settings.get(Options.MAX_MIRRORED);
    }

    /** {@return where clients are sent; null if the rule does something else} */
    public @Nullable Redirect redirect() {
        return answer.redirect();
    }

    /** {@return what clients are answered; null if the rule does something else} */
    public @Nullable FixedResponse response() {
        return answer.response();
    }

    /** {@return where clients are sent whose requests a limit refuses; null if the rule does something else} */
    public @Nullable Redirect overLimitRedirect() {
        return overLimit.redirect();
    }

    /** {@return what is answered when a limit refuses a request; null if the rule does something else} */
    public @Nullable FixedResponse overLimitResponse() {
        return overLimit.response();
    }

    /** {@return the limits: an unmodifiable map, in the order of the kinds; empty for none} */
    public Map<Limit.Kind, Limit> limits() {
        return limits;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RuleConfig that && parts().equals(that.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    private List<@Nullable Object> parts() {
        return Arrays.asList(
                name,
                host,
                path,
                pathMatch,
                conditions,
                List.copyOf(serverGroups.entrySet()),
                scheduler,
                sticker,
                notSticky,
                rewrite,
                mirrorGroup,
                answer,
                overLimit,
                settings,
                limits);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("rule ").append(name).append(' ').append(place());
        conditions.forEach(condition -> text.append(", ").append(condition));
        Object target = redirect() != null ? redirect() : response() != null ? response() : groups();
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
    public static final class Builder extends TargetSettings<Builder> {

        private final String name;
        private final Limits limits;

        Builder(String name) {
            this.name = name;
            limits = new Limits(Map.of());
        }

        Builder(RuleConfig from) {
            super(from, from.settings);
            name = from.name;
            limits = new Limits(from.limits);
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

        @Override
        Builder self() {
            return this;
        }

        /** Returns the rule, or null, with a mistake, if nobody can tell which requests it takes. */
        @Nullable
        RuleConfig build(String listener, Set<String> groups, Mistakes mistakes) {
            String where = listener + ": rule " + name;
            Names.check(listener + ": rule", name, mistakes);
            boolean placeFits = checkPlace(where, mistakes);
            List<RuleCondition> others = conditions.build(where, mistakes);
            boolean any = checkAny(where, others, mistakes);
            settings.check(where, mistakes);
            checkTarget(where, groups, mistakes);
            Map<Limit.Kind, Limit> built =
                    limits.build(where, Limit.Scope.RULE, ListenerConfig.Protocol.HTTP, mistakes);
            return any && placeFits ? new RuleConfig(this, others, built) : null;
        }
    }
}
