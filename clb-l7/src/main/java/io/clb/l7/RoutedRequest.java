package io.clb.l7;

import static java.util.Objects.requireNonNull;

import io.clb.AccessLog;
import io.clb.engine.ListenerPlan;
import io.clb.engine.LogLine;
import io.clb.engine.Pool;
import io.clb.engine.RunRule;
import io.clb.engine.Traffic;
import org.jspecify.annotations.Nullable;

/**
 * A request of a client, and what its listener's configuration says of it: whose it is, if a trusted proxy sent it; the rule that takes it; and from there what limits it, what is
 * changed in it, and where its server comes from or what it is answered. Confined to its connection's loop.
 */
abstract class RoutedRequest extends HttpRequest implements RuleTable.Judge<Route> {

    final HttpPlan plan;
    final ListenerPlan listenerPlan;
    final Traffic traffic;
    private @Nullable Route route;

    RoutedRequest(ClientConnection client, Head request, HttpPlan plan, ListenerPlan listenerPlan, long startNanos) {
        super(client, request, startNanos);
        this.plan = plan;
        this.listenerPlan = listenerPlan;
        this.traffic = client.traffic();
    }

    /**
     * Finds whose it is and which rule takes it. Once, before anything else is asked.
     *
     * @param forwardedFor takes apart what a proxy says
     */
    final void route(ForwardedFor forwardedFor) {
        if (plan.trusts(sourceHigh(), sourceLow())) {
            findClient(forwardedFor);
        }
        // One that redirects to HTTPS asks no rule.
        Route found = plan.toHttps() == null ? find() : null;
        if (found != null) {
            route = found;
            found.rule().countRequest(owner(), request.length);
        }
    }

    /** Asks the proxy that sent the request whose it is. */
    private void findClient(ForwardedFor forwardedFor) {
        if (forwardedFor.find(request, requireNonNull(plan.trustedProxies()))) {
            AddressText found = forwardedFor.client();
            comesFrom(found.high(), found.low(), found.port());
        }
    }

    private @Nullable Route find() {
        RuleTable<Route> rules = plan.rules();
        return rules == null
                ? null
                : rules.find(
                        request.bytes,
                        request.authorityStart,
                        request.hostEnd(),
                        request.normalStart,
                        request.normalEnd,
                        this);
    }

    @Override
    public final boolean fits(Route candidate) {
        Conditions conditions = candidate.conditions();
        return conditions == null || conditions.hold(this);
    }

    /** What its rule asks for; null without a rule. */
    final @Nullable Route route() {
        return route;
    }

    @Override
    protected final @Nullable RunRule rule() {
        Route ruled = route;
        return ruled == null ? null : ruled.rule();
    }

    /** What is changed in it; null for nothing. */
    final @Nullable RequestEdit edit() {
        Route ruled = route;
        return ruled == null ? null : ruled.edit();
    }

    /** What its rule answers in the place of a server; null if it has one. */
    final @Nullable RuleAnswer ruledAnswer() {
        Route ruled = route;
        return ruled == null ? null : ruled.answer();
    }

    /** What its rule answers where a limit refuses it; null for the reason's own status. */
    final @Nullable RuleAnswer overLimit() {
        Route ruled = route;
        return ruled == null ? null : ruled.overLimit();
    }

    /** Whether what is to be changed in it cannot be, as it names no host. */
    final boolean lacksHost() {
        RequestEdit changes = edit();
        return changes != null && changes.needsHost() && request.authorityEnd == 0;
    }

    /** Where its server comes from; null if nobody says. What a user wrote may be asked, and throw. */
    final @Nullable Pool choosePool() {
        Split split = route == null ? null : route.split();
        return split == null ? listenerPlan.pool() : split.choose(this, traffic);
    }

    /** When its body must have come; of one that has to come by a time only. */
    final long deadlineNanos() {
        return startNanos() + plan.requestDeadlineNanos();
    }

    @Override
    protected void log(AccessLog.Field field, LogLine line) {
        if (field != AccessLog.Field.RULE) {
            super.log(field, line);
            return;
        }
        RunRule taken = rule();
        if (taken == null) {
            line.none();
        } else {
            line.text(taken.name());
        }
    }
}
