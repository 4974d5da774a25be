/**
 * Messages among the nodes of a cluster, and permits, through a Redis that they share: over Lettuce, which the application adds ({@code io.lettuce:lettuce-core}).
 *
 * <p>{@link io.clb.ratelimit.redis.RedisSettings} say where Redis is; {@link io.clb.ratelimit.redis.RedisTransport} carries messages, and has buckets of permits.
 */
@NullMarked
package io.clb.ratelimit.redis;

import org.jspecify.annotations.NullMarked;
