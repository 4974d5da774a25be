/** Rate limits: exact shares of a cluster's total, and the limiters that enforce them. */
module io.clb.ratelimit {
    requires transitive io.clb;
    requires static transitive org.jspecify;

    exports io.clb.ratelimit;
}
