/**
 * Rate limits. A limit is a total for all nodes of a cluster; {@link io.clb.ratelimit.Share} is what one node may let through of it, as an exact
 * fraction. {@link io.clb.ratelimit.GcraLimiters}, which the engine finds through the service loader, makes what enforces it.
 *
 * <p>{@link io.clb.ratelimit.PermitClock} tells time in fractions of permits. {@link io.clb.ratelimit.GcraLimiter} lets a share through, exactly, with
 * one word, and keeps a line of who waits; {@link io.clb.ratelimit.LeasingLimiter} is what one loop asks in its place, and takes permits in batches.
 * {@link io.clb.ratelimit.KeyedGcra} lets a share through for each key, on {@link io.clb.ratelimit.LazyWords}, a table of fixed size: where keys are too
 * many, some share, and none gets more than its own.
 */
@NullMarked
package io.clb.ratelimit;

import org.jspecify.annotations.NullMarked;
