package io.clb.bench.soak;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts buffers that were dropped without being released; every one is watched. */
final class Leaks extends ResourceLeakDetectorFactory {

    private final AtomicInteger found = new AtomicInteger();

    /** Begins to watch. Before the first buffer is made. */
    static Leaks watch() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        Leaks leaks = new Leaks();
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(leaks);
        return leaks;
    }

    int found() {
        return found.get();
    }

    @Override
    @SuppressWarnings("deprecation") // the method is abstract, and there is no other
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
            Class<T> resource, int samplingInterval, long maxActive) {
        return new ResourceLeakDetector<>(resource, samplingInterval) {
            @Override
            protected void reportTracedLeak(String resourceType, String records) {
                found.incrementAndGet();
                super.reportTracedLeak(resourceType, records);
            }

            @Override
            protected void reportUntracedLeak(String resourceType) {
                found.incrementAndGet();
                super.reportUntracedLeak(resourceType);
            }
        };
    }
}
