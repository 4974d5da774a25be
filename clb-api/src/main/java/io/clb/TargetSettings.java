package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.spi.SchedulerFactory;
import io.clb.spi.SessionStickerFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is set about what becomes of the requests that a rule takes: where they go and how, or what answers them.
 *
 * @param <B> what is set up
 */
abstract class TargetSettings<B> extends MatchSettings<B> {

    private static final int MAX_GROUPS = 10;

    final Map<String, Integer> serverGroups = new LinkedHashMap<>();

    @Nullable
    SchedulerFactory scheduler;

    @Nullable
    SessionStickerFactory sticker;

    boolean notSticky;

    @Nullable
    Rewrite rewrite;

    @Nullable
    String mirrorGroup;

    Answer answer = Answer.NONE;
    Answer overLimit = Answer.NONE;

    TargetSettings() {}

    TargetSettings(RuleConfig from, Settings set) {
        super(from, set);
        serverGroups.putAll(from.serverGroups());
        scheduler = from.scheduler();
        sticker = from.sticker();
        notSticky = from.isNotSticky();
        rewrite = from.rewrite();
        mirrorGroup = from.mirrorGroup();
        answer = new Answer(from.redirect(), from.response());
        overLimit = new Answer(from.overLimitRedirect(), from.overLimitResponse());
    }

    /**
     * Sends requests to a server group, and to no other. This, {@link #redirect(Redirect) redirect} or {@link #respond} is required; the last one that was set counts.
     *
     * @param group the name of a group of this balancer
     * @return this
     */
    public B forwardTo(String group) {
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
    public B forwardTo(String group, int weight) {
        serverGroups.put(requireNonNull(group, "group"), weight);
        answer = Answer.NONE;
        return self();
    }

    /**
     * Sets a scheduler for requests of this rule, in place of the listener's or the group's.
     *
     * @param factory the scheduler; null for theirs
     * @return this
     */
    public B scheduler(@Nullable SchedulerFactory factory) {
        scheduler = factory;
        return self();
    }

    /**
     * Sets what keeps clients with their servers for requests of this rule, in place of the listener's.
     *
     * @param factory the stickiness; null for the listener's
     * @return this
     */
    public B sticky(@Nullable SessionStickerFactory factory) {
        sticker = factory;
        notSticky = false;
        return self();
    }

    /**
     * Has requests of this rule go to any server, whatever the listener's stickiness.
     *
     * @return this
     */
    public B notSticky() {
        sticker = null;
        notSticky = true;
        return self();
    }

    /**
     * Changes requests on their way to servers. Rules, limits, schedulers, stickiness and observers see them as they came. Not for rules that answer by themselves.
     *
     * @param changes what is changed; null for nothing
     * @return this
     */
    public B rewrite(@Nullable Rewrite changes) {
        rewrite = changes;
        return self();
    }

    /**
     * Sends a copy of each request to a second server group too, whose answers are dropped: {@code mirrorTo(group, 100)}.
     *
     * @param group the name of a group of this balancer
     * @return this
     */
    public B mirrorTo(String group) {
        return mirrorTo(group, Options.MIRROR_PERCENT.defaultValue());
    }

    /**
     * Sends copies of a share of the requests to a second server group too, whose answers are dropped. The copy goes to a server that the group's own scheduler picks,
     * as the request goes to its server: with what {@link #rewrite(Rewrite) rewrite} changes and what the listener adds, and without {@code Expect}. Whatever becomes of it, its
     * client notices nothing: a copy is given up where its server does not take the body as fast. Requests for a WebSocket are not copied. No limit counts copies, no access log and no
     * observer tells of them; {@link Snapshot.Listener#mirrors} does. Not for rules that answer by themselves.
     *
     * @param group the name of a group of this balancer, other than those that the rule forwards to
     * @param percent 1 to 100, of a hundred requests, drawn by chance for each
     * @return this
     */
    public B mirrorTo(String group, int percent) {
        mirrorGroup = requireNonNull(group, "group");
        return set(Options.MIRROR_PERCENT, percent);
    }

    /**
     * Sets how many copies of requests there may be at a time on this balancer: 1 to 1,000,000; 1,000 unless set. Of one request more no copy is made.
     *
     * @param count the number
     * @return this
     */
    public B maxMirrored(int count) {
        return set(Options.MAX_MIRRORED, count);
    }

    /**
     * Makes no copies any more, and forgets what was set about them; does nothing if none were made. Those that are under way go on.
     *
     * @return this
     */
    public B noMirror() {
        mirrorGroup = null;
        settings = settings.without(Options.MIRROR_PERCENT).without(Options.MAX_MIRRORED);
        return self();
    }

    /**
     * Sends clients elsewhere. The rule's limits are asked first.
     *
     * @param answer where to
     * @return this
     */
    public B redirect(Redirect answer) {
        return answer(new Answer(requireNonNull(answer, "answer"), null));
    }

    /**
     * Answers requests. The rule's limits are asked first.
     *
     * @param answer what with
     * @return this
     */
    public B respond(FixedResponse answer) {
        return answer(new Answer(null, requireNonNull(answer, "answer")));
    }

    private B answer(Answer set) {
        serverGroups.clear();
        answer = set;
        return self();
    }

    /**
     * Sends clients elsewhere whose requests a limit refuses, of this rule, of the listener or of the balancer, in place of 503.
     *
     * @param answer where to
     * @return this
     */
    public B overLimit(Redirect answer) {
        return overLimit(new Answer(requireNonNull(answer, "answer"), null));
    }

    /**
     * Answers requests that a limit refuses, of this rule, of the listener or of the balancer, in place of 503.
     *
     * @param answer what with
     * @return this
     */
    public B overLimit(FixedResponse answer) {
        return overLimit(new Answer(null, requireNonNull(answer, "answer")));
    }

    /**
     * Has requests that a limit refuses be answered with 503 again.
     *
     * @return this
     */
    public B removeOverLimit() {
        return overLimit(Answer.NONE);
    }

    private B overLimit(Answer set) {
        overLimit = set;
        return self();
    }

    final void checkTarget(String where, Set<String> groups, Mistakes mistakes) {
        answer.check(where, mistakes);
        if (!answer.isSet()) {
            checkGroups(where, groups, mistakes);
        }
        if (rewrite != null) {
            rewrite.check(where, mistakes);
            if (answer.isSet()) {
                mistakes.add(where, "rewrite", rewrite, "not set: the rule answers by itself");
            }
        }
        overLimit.check(where + ": overLimit", mistakes);
        if (sticker != null) {
            StickyRules.check(where, ListenerConfig.Protocol.HTTP, sticker, mistakes);
        }
        checkMirror(where, groups, mistakes);
    }

    private void checkMirror(String where, Set<String> groups, Mistakes mistakes) {
        String to = mirrorGroup;
        if (to == null) {
            if (settings.has(Options.MAX_MIRRORED)) {
                mistakes.add(where, "maxMirrored", settings.get(Options.MAX_MIRRORED), "not set, or mirrorTo too");
            }
        } else if (answer.isSet()) {
            mistakes.add(where, "mirrorTo", to, "not set: the rule answers by itself");
        } else if (!groups.contains(to)) {
            mistakes.add(where, "mirrorTo", to, "one of the server groups " + groups);
        } else if (serverGroups.containsKey(to)) {
            mistakes.add(where, "mirrorTo", to, "a group that the rule does not forward to");
        }
    }

    private void checkGroups(String where, Set<String> groups, Mistakes mistakes) {
        if (serverGroups.isEmpty()) {
            mistakes.add(
                    where, "forwardTo", "not set", "one of the server groups " + groups + ", or redirect or respond");
            return;
        }
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
}
