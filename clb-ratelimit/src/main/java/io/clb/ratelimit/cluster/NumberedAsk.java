package io.clb.ratelimit.cluster;

import io.clb.spi.PermitBuckets;

/**
 * An ask for permits that is to be sent now.
 *
 * @param number with which its answer is told
 * @param ask the ask
 */
public record NumberedAsk(long number, PermitBuckets.Ask ask) {}
