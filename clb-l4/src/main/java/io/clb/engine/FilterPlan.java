package io.clb.engine;

import io.clb.Options;
import io.clb.RequestFilters;
import io.clb.spi.RequestFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Filters of a listener, compiled. Immutable.
 *
 * @param filters one or more, in the order of asking
 * @param timeoutNanos how long one answer may take
 * @param maxHeld bytes that may be held
 * @param failOpen whether what is not judged goes on
 */
public record FilterPlan(List<RequestFilter> filters, long timeoutNanos, int maxHeld, boolean failOpen) {

    static @Nullable FilterPlan of(@Nullable RequestFilters config) {
        return config == null
                ? null
                : new FilterPlan(
                        config.filters(),
                        config.get(Options.FILTER_TIMEOUT).toNanos(),
                        config.get(Options.FILTER_MAX_HELD),
                        config.get(Options.FILTER_FAIL_OPEN));
    }
}
