/**
 * Rate limits. A limit is a total for all nodes of a cluster; {@link io.clb.ratelimit.Share} is what one node may let through of it,
 * {@link io.clb.ratelimit.GcraLimiter} lets exactly that through, and
 * {@link io.clb.ratelimit.GcraLimiters} makes one for each limit of a listener.
 */
@NullMarked
package io.clb.ratelimit;

import org.jspecify.annotations.NullMarked;
