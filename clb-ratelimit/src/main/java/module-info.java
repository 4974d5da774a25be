import io.clb.ratelimit.GcraLimiters;
import io.clb.ratelimit.cluster.ClusterQuotasFactory;
import io.clb.spi.QuotaCoordinatorFactory;
import io.clb.spi.RateLimiterFactory;

/** Rate limits: exact shares of a cluster's total, the limiters that enforce them, and what carries messages among its nodes. */
// JGroups and Lettuce, each needed only by who uses the package for it, are no named modules.
@SuppressWarnings("requires-automatic")
module io.clb.ratelimit {
    requires transitive io.clb;
    requires static io.netty.common;
    requires static lettuce.core;
    requires static org.jgroups;
    requires static transitive org.jspecify;

    exports io.clb.ratelimit;
    exports io.clb.ratelimit.jgroups;
    exports io.clb.ratelimit.redis;

    provides QuotaCoordinatorFactory with
            ClusterQuotasFactory;
    provides RateLimiterFactory with
            GcraLimiters;
}
