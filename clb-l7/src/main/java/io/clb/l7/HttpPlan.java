package io.clb.l7;

import io.clb.CidrSet;
import io.clb.FixedResponse;
import io.clb.ListenerConfig;
import io.clb.Options;
import io.clb.Redirect;
import io.clb.RuleConfig;
import io.clb.engine.Protocol;
import io.clb.engine.RunRule;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP listener's configuration, compiled: what an exchange reads, once, at the head of its request. Immutable.
 *
 * @param rules where rules send requests; null without rules
 * @param scanner finds heads, within the listener's limits
 * @param headTimeoutNanos for the head of a request, and between two reads of its body
 * @param requestTimeoutNanos how long a server may be silent
 * @param maxRequests requests of one connection
 * @param persistentUpstream whether connections to servers are used again
 * @param maxIdleUpstreams idle connections for each server and loop
 * @param upstreamIdleNanos how long one is kept
 * @param forwarding what servers are told about clients
 * @param trustedProxies whose word about clients is believed; null for nobody's
 * @param toHttps what every request is answered; null if they go on
 * @param serverTimeoutsAs502 whether a server's own timeouts become 502
 * @param webSocketIdleNanos how long nothing may move on a WebSocket
 * @param maxWebSockets how many of them there may be
 * @param maxBodySize bytes of a request's body
 * @param knownHostsOnly whether requests are refused whose host no rule names
 * @param minDataRate bytes a second that a client must send or read; 0 for none
 * @param requestDeadlineNanos for a request with its body; 0 for any time
 * @param gzip what is compressed; null for nothing
 * @param proxyStatus whether clients are told why the balancer answers by itself
 * @param cancelOnDisconnect whether a server is not to finish what nobody waits for
 * @param retryBudget retries for each hundred requests
 */
record HttpPlan(
        @Nullable RuleTable<Route> rules,
        HeadScanner scanner,
        long headTimeoutNanos,
        long requestTimeoutNanos,
        int maxRequests,
        boolean persistentUpstream,
        int maxIdleUpstreams,
        long upstreamIdleNanos,
        Forwarding forwarding,
        @Nullable CidrSet trustedProxies,
        @Nullable RuleAnswer toHttps,
        boolean serverTimeoutsAs502,
        long webSocketIdleNanos,
        int maxWebSockets,
        long maxBodySize,
        boolean knownHostsOnly,
        int minDataRate,
        long requestDeadlineNanos,
        @Nullable GzipPlan gzip,
        boolean proxyStatus,
        boolean cancelOnDisconnect,
        int retryBudget) {

    private static final int HTTPS = 443;

    private static final int BAD_GATEWAY = 502;
    private static final int GATEWAY_TIMEOUT = 504;

    /** nginx's word for a connection that it closed without an answer. */
    private static final int NO_RESPONSE = 444;

    static HttpPlan of(
            ListenerConfig config, String balancer, Protocol.Pools pools, Function<RuleConfig, RunRule> rules) {
        return new HttpPlan(
                config.rules().isEmpty()
                        ? null
                        : RuleTable.of(
                                config.rules().values(), rule -> route(rule, config.tls() != null, pools, rules)),
                new HeadScanner(
                        config.get(Options.MAX_REQUEST_LINE),
                        config.get(Options.MAX_HEAD_SIZE),
                        config.get(Options.MAX_FIELDS),
                        Leniency.of(config)),
                config.get(Options.HEAD_TIMEOUT).toNanos(),
                config.get(Options.REQUEST_TIMEOUT).toNanos(),
                config.get(Options.MAX_REQUESTS_PER_CONNECTION),
                // A header of the PROXY protocol is about one client.
                config.get(Options.PERSISTENT_UPSTREAM) && config.proxyProtocolOut() == null,
                config.get(Options.MAX_IDLE_UPSTREAMS),
                config.get(Options.UPSTREAM_IDLE_TIMEOUT).toNanos(),
                Forwarding.of(config, balancer),
                config.trustedProxies().isEmpty() ? null : CidrSet.of(config.trustedProxies()),
                toHttps(config),
                config.get(Options.SERVER_TIMEOUTS_AS_502),
                config.get(Options.WEB_SOCKET_IDLE_TIMEOUT).toNanos(),
                config.get(Options.MAX_WEB_SOCKETS),
                bodySize(config.get(Options.MAX_BODY_SIZE)),
                config.get(Options.KNOWN_HOSTS_ONLY),
                config.get(Options.MIN_DATA_RATE),
                config.get(Options.REQUEST_DEADLINE).toNanos(),
                GzipPlan.of(config.gzip()),
                config.get(Options.PROXY_STATUS),
                config.get(Options.CANCEL_ON_DISCONNECT),
                config.get(Options.RETRY_BUDGET));
    }

    private static @Nullable RuleAnswer toHttps(ListenerConfig config) {
        int port = config.get(Options.REDIRECT_TO_HTTPS);
        if (port == 0) {
            return null;
        }
        String authority = port == HTTPS ? "${host}" : "${host}:" + port;
        return new RedirectAnswer(
                Redirect.to("https://" + authority + "${path}?${query}").status(config.get(Options.REDIRECT_STATUS)),
                config.tls() != null);
    }

    /** Whether the listener takes requests for a request's host. */
    boolean takesHost(Head request) {
        return !knownHostsOnly
                || (rules != null && rules.knows(request.bytes, request.authorityStart, request.hostEnd()));
    }

    private static long bodySize(int max) {
        return max == 0 ? Long.MAX_VALUE : max;
    }

    /** Whether the word of a peer about its client is believed. */
    boolean trusts(long high, long low) {
        return trustedProxies != null && trustedProxies.contains(high, low);
    }

    /** The status for the client of what a server answered. */
    int statusFor(int answered) {
        return serverTimeoutsAs502 && (answered == GATEWAY_TIMEOUT || answered == NO_RESPONSE) ? BAD_GATEWAY : answered;
    }

    private static Route route(
            RuleConfig rule, boolean tls, Protocol.Pools pools, Function<RuleConfig, RunRule> rules) {
        RunRule running = rules.apply(rule);
        return new Route(
                running,
                Conditions.of(rule.conditions()),
                rule.serverGroups().isEmpty() ? null : split(rule, pools),
                RequestEdit.of(rule.rewrite(), tls),
                MirrorPlan.of(rule, running, pools),
                answer(rule.redirect(), rule.response(), tls),
                answer(rule.overLimitRedirect(), rule.overLimitResponse(), tls));
    }

    private static Split split(RuleConfig rule, Protocol.Pools pools) {
        return Split.of(
                rule.serverGroups().keySet().stream()
                        .map(group -> pools.of(rule, group))
                        .toList(),
                List.copyOf(rule.serverGroups().values()));
    }

    private static @Nullable RuleAnswer answer(
            @Nullable Redirect redirect, @Nullable FixedResponse response, boolean tls) {
        if (redirect != null) {
            return new RedirectAnswer(redirect, tls);
        }
        return response == null ? null : new FixedAnswer(response);
    }
}
