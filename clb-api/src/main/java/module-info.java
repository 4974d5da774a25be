/** The configuration, the SPI and the strategy catalogues of the load balancer. It opens no sockets and starts no threads. */
module io.clb {
    requires static transitive org.jspecify;

    exports io.clb;
    exports io.clb.schedule;
    exports io.clb.spi;
    exports io.clb.stick;

    uses io.clb.EngineProvider;
    uses io.clb.spi.RateLimiterFactory;
    uses io.clb.spi.SchedulerFactory;
}
