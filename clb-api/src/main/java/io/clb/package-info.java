/**
 * What a user writes: {@link io.clb.LoadBalancer#builder()} leads to everything.
 *
 * <p>A {@link io.clb.Config} is immutable; it names listeners, which forward to server groups. {@link io.clb.Options} lists every setting with
 * its range and default. Setters take any value; the mistakes of a whole configuration are reported together, in one
 * {@link io.clb.ConfigException}, when it is built.
 *
 * <p>A {@link io.clb.Limit}, of the balancer, a listener or a rule, is a total for all balancers of a {@link io.clb.Cluster}, which
 * divide it evenly, or by what comes to each if they talk to each other;
 * {@link io.clb.Snapshot} tells what this one enforces of it, and when it bit.
 */
@NullMarked
package io.clb;

import org.jspecify.annotations.NullMarked;
