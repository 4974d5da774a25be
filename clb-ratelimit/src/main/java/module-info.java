import io.clb.ratelimit.GcraLimiters;
import io.clb.spi.RateLimiterFactory;

/** Rate limits: exact shares of a cluster's total, and the limiters that enforce them. */
module io.clb.ratelimit {
    requires transitive io.clb;
    requires static transitive org.jspecify;

    exports io.clb.ratelimit;

    provides RateLimiterFactory with
            GcraLimiters;
}
