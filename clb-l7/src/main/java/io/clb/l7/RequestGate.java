package io.clb.l7;

import io.clb.engine.FilterPlan;
import io.clb.engine.Loop;
import io.clb.engine.Pool;
import io.clb.engine.RunRule;
import io.clb.spi.RateLimiter;
import io.clb.spi.Reason;

/**
 * What a request passes before a server is looked for, in this order: limits, filters, what is answered in the place of a server, whether there are servers for it, the bandwidth of its rule, which it may have
 * to wait for, and the cap on WebSockets. Keeps nothing of one request for the next. Confined to its loop.
 */
final class RequestGate {

    private final Loop loop;
    private final ForwardedFor forwardedFor;

    RequestGate(Loop loop, ForwardedFor forwardedFor) {
        this.loop = loop;
        this.forwardedFor = forwardedFor;
    }

    /**
     * A request is here.
     *
     * @param complete whether there is no body
     * @param bodyAtHand how much of the body was read with the head, and waits
     */
    void begin(Exchange of, boolean complete, int bodyAtHand) {
        of.body.headRead(complete, bodyAtHand);
        if (!complete) {
            of.patience.watchSender();
        }
        of.cameFromClient(of.request.length);
        of.route(forwardedFor);
        RunRule rule = of.rule();
        if (rule != null && !complete) {
            of.client.reading().source(rule);
        }
        Reason refusal = of.traffic.admit(of, of.listenerPlan, rule);
        FilterPlan filters = of.listenerPlan.filters();
        if (refusal != null) {
            overLimit(of, refusal);
        } else if (filters == null) {
            proceed(of);
        } else {
            of.body.screen(filters);
        }
    }

    private static void overLimit(Exchange of, Reason refusal) {
        RuleAnswer answer = of.overLimit();
        if (answer == null) {
            of.fail(refusal, refusal.status(), of.traffic.retryAfterSeconds(of, of.listenerPlan, of.rule()));
        } else {
            of.answer(answer, refusal);
        }
    }

    /** Neither limits nor filters have anything against it. */
    void proceed(Exchange of) {
        RuleAnswer toHttps = of.plan.toHttps();
        RuleAnswer ruled = of.ruledAnswer();
        if (toHttps != null) {
            of.answer(toHttps, Reason.REDIRECTED_TO_HTTPS);
        } else if (!of.plan.takesHost(of.request)) {
            of.fail(Reason.UNKNOWN_HOST);
        } else if (ruled != null) {
            of.answer(ruled, Reason.RULE_ANSWERED);
        } else if (of.lacksHost()) {
            of.fail(Reason.BAD_HOST);
        } else {
            choose(of);
        }
    }

    private void choose(Exchange of) {
        Pool to;
        try {
            to = of.choosePool();
        } catch (RuntimeException | Error e) {
            of.fail(Reason.EXTENSION_FAILED);
            return;
        }
        if (to == null) {
            of.fail(Reason.NO_RULE_MATCHED);
        } else {
            pass(of, to);
        }
    }

    private void pass(Exchange of, Pool to) {
        RunRule rule = of.rule();
        long wait = rule == null ? 0 : rule.reserveRead(of.request.length + of.body.atHand(), loop);
        if (wait == RateLimiter.NEVER) {
            overLimit(of, Reason.LIMIT_BANDWIDTH);
            return;
        }
        boolean webSocket = Handshake.asks(of.request);
        if (webSocket && !of.client.owningListener().tryBeginWebSocket(of.plan.maxWebSockets())) {
            of.fail(Reason.MAX_WEB_SOCKETS);
            return;
        }
        of.passed(to, webSocket, wait);
    }
}
