/**
 * What an extender implements, or is given.
 *
 * <p><b>Strategies</b> ({@link io.clb.spi.Scheduler}, {@link io.clb.spi.SessionSticker}, {@link io.clb.spi.AccessPolicy},
 * {@link io.clb.spi.RateLimiter}, {@link io.clb.spi.KeyedRateLimiter}) are called on event loops, for every flow, by many loops at once. They must not
 * block, throw, lock or allocate needlessly, and must not keep the views they are handed ({@link io.clb.spi.Flow},
 * {@link io.clb.spi.FlowRecord}) beyond the call. One that throws all the same harms only its own flow, which ends with
 * {@link io.clb.spi.Reason#EXTENSION_FAILED}.
 *
 * <p><b>Factories</b> ({@link io.clb.spi.SchedulerFactory}, {@link io.clb.spi.SessionStickerFactory}) are called off the data path, one call
 * at a time, when the servers of a pool change: compute on change, pick on use. So is {@link io.clb.spi.RateLimiterFactory}, when a limit
 * changes.
 *
 * <p><b>Discoveries</b> ({@link io.clb.spi.ServerDiscovery}) run beside all that, on threads that may block, and tell a group which servers it has.
 *
 * <p>Time always comes in as nanoseconds of the caller's clock, as {@link java.lang.System#nanoTime()} counts: only
 * differences mean something, and {@code a - b} stays right when the clock wraps.
 */
@NullMarked
package io.clb.spi;

import org.jspecify.annotations.NullMarked;
