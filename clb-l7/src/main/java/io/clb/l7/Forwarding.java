package io.clb.l7;

import io.clb.ListenerConfig;
import io.clb.Options;
import io.clb.XForwardedFor;

/**
 * What a listener's servers are told about clients. Immutable; small, as connections keep it.
 *
 * @param forwardedFor what becomes of {@code X-Forwarded-For}
 * @param tls whether clients come by https
 * @param clientCertificates whether {@code X-Forwarded-Clientcert-clientverify} and the like are
 * @param proto whether {@code X-Forwarded-Proto} is added
 * @param port whether {@code X-Forwarded-Port} is
 * @param host whether {@code X-Forwarded-Host} is
 * @param clientPort whether {@code X-Forwarded-Client-srcport} is
 * @param id whether {@code SLB-ID} is
 * @param ip whether {@code SLB-IP} is
 * @param via whether {@code Via} is
 * @param balancer the balancer's name
 */
record Forwarding(
        XForwardedFor forwardedFor,
        boolean tls,
        boolean clientCertificates,
        boolean proto,
        boolean port,
        boolean host,
        boolean clientPort,
        boolean id,
        boolean ip,
        boolean via,
        String balancer) {

    static Forwarding of(ListenerConfig config, String balancer) {
        return new Forwarding(
                config.get(Options.X_FORWARDED_FOR),
                config.tls() != null,
                config.tls() != null && config.tls().clientCertificates() != null,
                config.get(Options.X_FORWARDED_PROTO),
                config.get(Options.X_FORWARDED_PORT),
                config.get(Options.X_FORWARDED_HOST),
                config.get(Options.X_FORWARDED_CLIENT_SRCPORT),
                config.get(Options.SLB_ID),
                config.get(Options.SLB_IP),
                config.get(Options.VIA),
                balancer);
    }
}
