package io.clb.ratelimit.cluster;

import io.clb.spi.ClusterSettings;
import io.clb.spi.ClusterTransport;
import io.clb.spi.QuotaCoordinator;
import io.clb.spi.QuotaCoordinatorFactory;
import java.time.Instant;
import java.util.function.LongSupplier;

/** Has nodes lend each other their parts of totals, see {@link ShareExchange}. Found by the engine through the service loader. */
public final class ClusterQuotasFactory implements QuotaCoordinatorFactory {

    /** For the service loader. */
    public ClusterQuotasFactory() {}

    @Override
    public String name() {
        return "shares";
    }

    @Override
    public QuotaCoordinator start(
            ClusterSettings settings,
            ClusterTransport transport,
            QuotaCoordinator.Events events,
            LongSupplier clock,
            Instant timeOfDay) {
        return ClusterQuotas.start(settings, transport, events, clock, timeOfDay);
    }
}
