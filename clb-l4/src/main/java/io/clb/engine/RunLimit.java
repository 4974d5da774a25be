package io.clb.engine;

import io.clb.Limit;
import io.clb.spi.Quota;
import io.clb.spi.RateLimiter;

/**
 * A limit of a listener at run time. One object goes from configuration to configuration, as long as they all want the same.
 *
 * @param kind what is limited
 * @param quota the total, and how many nodes share it
 * @param limiter enforces this node's share
 * @param enforced that share, for people
 */
record RunLimit(Limit.Kind kind, Quota quota, RateLimiter limiter, String enforced) {}
