package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.spi.RequestFilter;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who judges requests, and connections by their first bytes, before a server gets to see them: {@code RequestFilters.of(myFirewall).timeout(Duration.ofSeconds(1))}. Each
 * filter is asked in turn, and one that denies is enough. Immutable; each setter returns a copy.
 */
public final class RequestFilters {

    private final List<RequestFilter> filters;
    private final Settings settings;

    private RequestFilters(List<RequestFilter> filters, Settings settings) {
        this.filters = filters;
        this.settings = settings;
    }

    /**
     * Begins with the filters.
     *
     * @param filters one or more, in the order of asking
     * @return the setting, with the defaults for all else
     */
    public static RequestFilters of(RequestFilter... filters) {
        return new RequestFilters(List.of(requireNonNull(filters, "filters")), Settings.DEFAULTS);
    }

    /**
     * Sets how long a flow waits for one answer of a filter. Then it is refused with {@link io.clb.spi.Reason#FILTER_TIMEOUT}, a request with 503, unless {@link #failOpen}.
     *
     * @param longest 100 ms to 60 s, 5 s unless set
     * @return a copy
     */
    public RequestFilters timeout(Duration longest) {
        return new RequestFilters(filters, settings.with(Options.FILTER_TIMEOUT, longest));
    }

    /**
     * Sets how much of one flow filters may have held by {@link io.clb.spi.Ruling#more}.
     *
     * @param bytes 1,024 to 1,048,576; 65,536 unless set
     * @return a copy
     */
    public RequestFilters maxHeld(int bytes) {
        return new RequestFilters(filters, settings.with(Options.FILTER_MAX_HELD, bytes));
    }

    /**
     * Sets what becomes of flows that a filter does not judge, as it takes too long or throws: with true they go on as if it had allowed them, with false, which it is unless set, they
     * are refused.
     *
     * @param on whether they go on
     * @return a copy
     */
    public RequestFilters failOpen(boolean on) {
        return new RequestFilters(filters, settings.with(Options.FILTER_FAIL_OPEN, on));
    }

    /**
     * Returns the filters.
     *
     * @return an unmodifiable list, in the order of asking
     */
    public List<RequestFilter> filters() {
        return filters;
    }

    /**
     * Returns a setting.
     *
     * @param option an option of {@link Option.Scope#REQUEST_FILTERS}
     * @param <T> its type
     * @return its value, the default unless set
     */
    public <T extends Comparable<T>> T get(Option<T> option) {
        return settings.get(option);
    }

    void check(String place, Mistakes mistakes) {
        String where = place + ": requestFilters";
        settings.check(where, mistakes);
        if (filters.isEmpty()) {
            mistakes.add(where, "filters", "none", "one at least");
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RequestFilters that && filters.equals(that.filters) && settings.equals(that.settings);
    }

    @Override
    public int hashCode() {
        return Objects.hash(filters, settings);
    }

    @Override
    public String toString() {
        return filters.toString();
    }
}
