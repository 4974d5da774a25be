package io.clb.metrics;

import static java.util.Objects.requireNonNull;

import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A balancer's counters and latencies as meters of Micrometer: those of the balancer, its listeners, rules, server groups, servers, limits and mirrors, under names that begin with {@code clb.}, with the tags
 * {@code balancer}, {@code listener}, {@code rule}, {@code group}, {@code server}, and where there are several {@code direction}, {@code status}, {@code reason}, {@code state} or {@code quantile}.
 *
 * <p>Meters read snapshots, at most one a second, on whichever thread reads a meter: a loop never, and no thread is started. Whoever reads also sees to it that there are meters for what an update has brought, and
 * none for what it has taken away: at the next reading, or the one after it. Reasons have meters once they have occurred.
 *
 * <p>A balancer's name is a tag: balancers in one registry need different ones.
 *
 * <p>Latencies are those of the last full minute (see {@link Snapshot.Latency}), in seconds; not a number where there were none.
 *
 * <p>For any thread.
 */
// What has it on its module path requires micrometer.core itself.
@SuppressWarnings("exports")
public final class ClbMetrics implements MeterBinder, AutoCloseable {

    /** As many rules, and as many servers, have meters unless set: each has about 30. */
    static final int MOST = 1_000;

    private static final int MOST_THERE_MAY_BE = 100_000;
    private static final long READ_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LoadBalancer balancer;
    private final int most;
    private final LongSupplier clock;

    /** Has meters be made, and snapshots be taken, by one thread at a time; held by threads that read meters, and by those that call this. */
    private final ReentrantLock lock = new ReentrantLock();

    private final List<RegistryMeters> registries = new ArrayList<>();
    private boolean closed;

    // written under the lock; read by any thread
    private volatile @Nullable Snapshot snapshot;
    private volatile long readNanos;

    /**
     * Exports a balancer's counters, of up to 1,000 rules, servers, limits and mirrors each.
     *
     * @param balancer the running balancer
     */
    public ClbMetrics(LoadBalancer balancer) {
        this(balancer, MOST);
    }

    /**
     * Exports a balancer's counters.
     *
     * @param balancer the running balancer
     * @param most how many rules, how many servers, how many limits and how many mirrors have meters, 0 to 100,000; those that do not are counted ({@code clb.omitted})
     * @throws IllegalArgumentException if the number is out of range
     */
    public ClbMetrics(LoadBalancer balancer, int most) {
        this(balancer, most, Clock.SYSTEM::nanoTime);
    }

    ClbMetrics(LoadBalancer balancer, int most, LongSupplier clock) {
        this.balancer = requireNonNull(balancer, "balancer");
        if (most < 0 || most > MOST_THERE_MAY_BE) {
            throw new IllegalArgumentException("most: " + most + " (expected: 0 to 100,000)");
        }
        this.most = most;
        this.clock = clock;
    }

    /**
     * Registers the meters. They stay until {@link #close()}.
     *
     * @param registry where to; several, one after the other, if you like
     * @throws IllegalStateException if this is closed
     */
    @Override
    public void bindTo(MeterRegistry registry) {
        requireNonNull(registry, "registry");
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("metrics of " + balancer.name() + ": closed");
            }
            RegistryMeters meters = new RegistryMeters(registry, balancer.name(), most, this::refresh);
            registries.add(meters);
            meters.follow(read());
        } finally {
            lock.unlock();
        }
    }

    /** Removes the meters from all registries. The balancer runs on. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            registries.forEach(RegistryMeters::close);
            registries.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a snapshot, unless there is one that is young, or somebody else is at it. */
    private void refresh() {
        if (isYoung() || !lock.tryLock()) {
            return;
        }
        try {
            if (!closed && !isYoung()) {
                Snapshot now = read();
                registries.forEach(meters -> meters.follow(now));
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isYoung() {
        return snapshot != null && clock.getAsLong() - readNanos < READ_EVERY_NANOS;
    }

    private Snapshot read() {
        Snapshot known = snapshot;
        if (known != null && isYoung()) {
            return known;
        }
        Snapshot now = balancer.snapshot();
        // First, so that a meter that is read while others are made does not take another.
        readNanos = clock.getAsLong();
        snapshot = now;
        return now;
    }
}
