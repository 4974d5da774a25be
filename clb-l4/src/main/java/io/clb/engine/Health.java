package io.clb.engine;

import io.clb.HealthCheck;
import io.clb.Options;
import io.clb.ServerConfig;
import io.clb.spi.ServerState;
import io.clb.spi.Verdict;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts verdicts against thresholds, and tells log and observers when the state of a server changes. Control only. */
final class Health {

    private static final Logger LOG = LoggerFactory.getLogger(Health.class);

    private final String balancer;
    private final Observers observers;

    Health(String balancer, Observers observers) {
        this.balancer = balancer;
        this.observers = observers;
    }

    /** Takes in what a probe found; returns whether the server's fitness may have changed. */
    boolean verdict(RunServer server, HealthCheck check, Verdict verdict, long nanos) {
        ServerState before = server.health().state();
        server.health(server.health()
                .next(verdict.healthy(), check.get(Options.HEALTHY_THRESHOLD), check.get(Options.UNHEALTHY_THRESHOLD)));
        server.checked(verdict.detail());
        show(server, nanos);
        return server.health().state() != before;
    }

    /** Takes a server out, whatever its checks say. */
    void eject(RunServer server, String why) {
        server.eject(why);
        show(server, server.status().lastProbeNanos());
    }

    /** Takes {@link #eject} back. */
    void readmit(RunServer server) {
        server.readmit();
        show(server, server.status().lastProbeNanos());
    }

    /** Takes in what was configured for a server: the operator's word shows at once, and a server without a check is up. */
    void administer(RunGroup.Member member) {
        RunServer server = member.server();
        if (!member.checked()) {
            server.health(RiseFall.UP);
            server.checked("no health check");
        }
        show(server, server.status().lastProbeNanos());
    }

    /** Tells what decides: the operator's word before the checks, and those before an ejection. */
    private void show(RunServer server, long probeNanos) {
        ServerConfig.Admin word = server.config().admin();
        ServerState checked = server.health().state();
        String ejected = checked == ServerState.DOWN ? null : server.ejected();
        if (word != ServerConfig.Admin.IN_SERVICE) {
            boolean draining = word == ServerConfig.Admin.DRAINING;
            ServerState state = draining ? ServerState.DRAINING : ServerState.MAINTENANCE;
            show(server, state, "by the operator's word", probeNanos);
        } else if (ejected != null) {
            show(server, ServerState.EJECTED, ejected, probeNanos);
        } else {
            show(server, checked, server.checked(), probeNanos);
        }
    }

    private void show(RunServer server, ServerState state, String why, long probeNanos) {
        RunServer.Status before = server.status();
        boolean changed = state != before.state();
        Instant since = changed ? Instant.now() : before.since();
        server.status(new RunServer.Status(state, why, since, probeNanos));
        if (!changed) {
            return;
        }
        if (state == ServerState.EJECTED) {
            LOG.warn("{}: group {}: server {} is ejected {}", balancer, server.group(), server, why);
        } else if (state == ServerState.DOWN) {
            LOG.warn("{}: group {}: server {} is down: {}", balancer, server.group(), server, why);
        } else {
            LOG.info("{}: group {}: server {} is {}: {}", balancer, server.group(), server, state, why);
        }
        observers.serverStateChanged(server.group(), server, before.state(), state, why);
    }
}
