/**
 * HTTP health checks: {@link io.clb.l7.probe.HttpProbe} opens a connection and asks, {@link io.clb.l7.probe.HttpAnswer} judges what comes back.
 *
 * <p>The engine finds this package through its service {@link io.clb.engine.ProbeProtocol}; without it on the class path
 * {@code HealthCheck.http(...)} is refused when the balancer starts. Not exported.
 */
@NullMarked
package io.clb.l7.probe;

import org.jspecify.annotations.NullMarked;
