package io.clb.l7;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import java.util.concurrent.Callable;

/** An application with HTTP health checks: starts a balancer and tells what came of it. Needs nothing but clb-api to be loaded. */
public final class HttpCheckedApplication implements Callable<String> {

    /** For whoever loads this. */
    public HttpCheckedApplication() {}

    @Override
    public String call() {
        try (LoadBalancer lb = LoadBalancer.builder()
                .serverGroup("web", g -> g.server("127.0.0.1:1").healthCheck(HealthCheck.http("/")))
                .listener("front", l -> l.tcp(0).bind("127.0.0.1").forwardTo("web"))
                .start()) {
            return lb.name() + " started";
        } catch (RuntimeException e) {
            return e.toString();
        }
    }
}
