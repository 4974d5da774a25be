package io.clb.l7;

import static java.util.Objects.requireNonNull;

import io.clb.engine.FilterPlan;
import io.clb.engine.Hold;
import io.clb.engine.Loop;
import io.clb.engine.Pool;
import io.clb.engine.RunListener;
import io.clb.engine.RunRule;
import io.clb.spi.RateLimiter;
import io.clb.spi.Reason;
import org.jspecify.annotations.Nullable;

/**
 * What a request passes before a server is looked for, in this order: limits, filters, what is answered in the place of a server, whether there are servers for it, the bandwidth of its rule, which it may have
 * to wait for, and the cap on WebSockets. Its connection has it serve the exchange under way. Confined to one loop.
 */
final class RequestGate {

    private final ClientConnection client;
    private final Loop loop;
    private int bodyAtHand;
    private @Nullable Hold hold;

    RequestGate(ClientConnection client, Loop loop) {
        this.client = client;
        this.loop = loop;
    }

    private Exchange exchange() {
        return requireNonNull(client.exchange());
    }

    /**
     * A request is here.
     *
     * @param complete whether there is no body
     * @param bodyCame how much of the body was read with the head, and waits
     */
    void begin(boolean complete, int bodyCame) {
        Exchange of = exchange();
        bodyAtHand = bodyCame;
        of.body.headRead(complete);
        if (!complete) {
            of.patience.watchSender(of.plan);
        }
        of.cameFromClient(of.request.length);
        of.route(client.httpLoop().forwardedFor());
        RunRule rule = of.rule();
        if (rule != null && !complete) {
            client.reading().source(rule);
        }
        Reason refusal = of.traffic.admit(of, of.listenerPlan, rule);
        FilterPlan filters = of.listenerPlan.filters();
        if (refusal != null) {
            overLimit(of, refusal);
        } else if (filters == null) {
            proceed();
        } else {
            of.body.screen(of, filters);
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
    void proceed() {
        Exchange of = exchange();
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
        long wait = rule == null ? 0 : rule.reserveRead(of.request.length + bodyAtHand, loop);
        if (wait == RateLimiter.NEVER) {
            overLimit(of, Reason.LIMIT_BANDWIDTH);
            return;
        }
        boolean webSocket = Handshake.asks(of.request);
        RunListener listener = client.owningListener();
        if (webSocket && !listener.tryBeginWebSocket(of.plan.maxWebSockets())) {
            of.fail(Reason.MAX_WEB_SOCKETS);
            return;
        }
        of.passed(to, webSocket);
        if (wait > 0) {
            Hold begun = new Hold(requireNonNull(rule), loop, wait, this::earned);
            hold = begun;
            begun.begin();
        } else {
            of.search();
        }
    }

    /** The wait for the bandwidth of a rule is over. */
    private void earned() {
        Exchange of = exchange();
        hold = null;
        of.search();
        of.goOn();
    }

    /** The exchange is over. */
    void end() {
        Hold waits = hold;
        hold = null;
        if (waits != null) {
            waits.cancel();
        }
    }
}
