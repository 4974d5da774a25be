package io.clb.schedule;

import static java.util.Objects.requireNonNull;

import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Peak EWMA ({@code ewma}) with its settings. Immutable; the range is checked when the configuration is built. */
public final class PeakEwma implements SchedulerFactory {

    /** How long an average lasts unless {@link #decay(Duration)} says otherwise: that of Finagle, which brought the algorithm. */
    public static final Duration DEFAULT_DECAY = Duration.ofSeconds(10);

    private final Duration decay;

    PeakEwma(Duration decay) {
        this.decay = requireNonNull(decay, "decay");
    }

    /**
     * Returns how long an average lasts.
     *
     * @return the time in which it fades to 1/e, 37 %
     */
    public Duration decay() {
        return decay;
    }

    /**
     * Returns the same with another memory: short to follow fast changes, long to be moved by few.
     *
     * @param time in which an average fades to 1/e: 100 ms to 300 s
     * @return the new setting
     */
    public PeakEwma decay(Duration time) {
        return new PeakEwma(time);
    }

    @Override
    public String name() {
        return "ewma";
    }

    @Override
    public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
        requireNonNull(eligible, "eligible");
        return LeastLatency.create(eligible, decay.toNanos(), previous);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PeakEwma that && decay.equals(that.decay);
    }

    @Override
    public int hashCode() {
        return decay.hashCode();
    }

    @Override
    public String toString() {
        return decay.equals(DEFAULT_DECAY) ? name() : name() + "(decay " + decay + ")";
    }
}
