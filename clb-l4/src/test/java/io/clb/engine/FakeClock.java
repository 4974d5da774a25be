package io.clb.engine;

import io.clb.Config;
import io.clb.LoadBalancer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until a test moves it, and the balancers that run on it. */
public final class FakeClock implements Clock {

    private static final int LOOPS = 2;

    private final AtomicLong nanos = new AtomicLong(Duration.ofDays(1).toNanos());
    private final List<RunningBalancer> balancers = new CopyOnWriteArrayList<>();

    @Override
    public long nanoTime() {
        return nanos.get();
    }

    /** Starts a balancer on this clock. */
    public LoadBalancer start(String transport, Config config) {
        LoadBalancer started =
                RunningBalancer.start(config, new EngineSetup(Transports.named(transport), LOOPS, null, this));
        balancers.add((RunningBalancer) started);
        return started;
    }

    /** Moves time. When this returns, every loop has run what is due; what control does, and what comes of it, is to be awaited. */
    public void advance(Duration by) {
        // A turn that is under way ends at the time that it began with, whatever of it the test has seen already.
        balancers.forEach(RunningBalancer::clockMoved);
        move(by.toNanos());
        balancers.forEach(RunningBalancer::clockMoved);
    }

    /** Moves time, and wakes nobody. */
    void move(long byNanos) {
        nanos.addAndGet(byNanos);
    }
}
