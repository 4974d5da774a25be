package io.clb.ratelimit;

import io.clb.contract.RateLimiterContract;
import io.clb.spi.RateLimiterFactory;

class GcraContractTest extends RateLimiterContract {

    @Override
    protected RateLimiterFactory factory() {
        return new GcraLimiters();
    }
}
