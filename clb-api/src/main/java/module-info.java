/** The configuration, the SPI and the strategy catalogues of the load balancer. It opens no sockets and starts no threads. */
module io.clb {
    // For the number of file descriptors, where there are these modules.
    requires static java.management;
    requires static jdk.management;
    requires static transitive org.jspecify;

    exports io.clb;
    exports io.clb.schedule;
    exports io.clb.spi;
    exports io.clb.stick;

    uses io.clb.EngineProvider;
    uses io.clb.spi.AccessPolicy;
    uses io.clb.spi.HealthChecker;
    uses io.clb.spi.QuotaCoordinatorFactory;
    uses io.clb.spi.RateLimiterFactory;
    uses io.clb.spi.RequestFilter;
    uses io.clb.spi.SchedulerFactory;
    uses io.clb.spi.ServerDiscoveryFactory;
    uses io.clb.spi.SessionStickerFactory;
}
