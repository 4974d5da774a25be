/**
 * What a user writes: {@link io.clb.LoadBalancer#builder()} leads to everything.
 *
 * <p>A {@link io.clb.Config} is immutable; it names listeners, which forward to server groups. {@link io.clb.Options} lists every setting with
 * its range and default. Setters take any value; the mistakes of a whole configuration are reported together, in one
 * {@link io.clb.ConfigException}, when it is built.
 */
@NullMarked
package io.clb;

import org.jspecify.annotations.NullMarked;
