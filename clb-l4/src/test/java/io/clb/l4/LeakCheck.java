package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaked a buffer of Netty's. Needs the leak detector at level PARANOID, which reports when the next buffer is allocated after the
 * leaked one was collected.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {

    private static final long REFERENCES_MILLIS = 10_000;
    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Recording());
    }

    /** Before any class of Netty's makes its detector, which is once for all. */
    static void install() {
        // The class is initialised by now.
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        PooledByteBufAllocator.DEFAULT.buffer().release();
        assertThat(Recorder.watched)
                .as("buffers are watched by this extension's detector")
                .contains(ByteBuf.class.getSimpleName());
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        collect();
        collect();
        PooledByteBufAllocator.DEFAULT.buffer().release();
        List<String> leaks = new ArrayList<>();
        for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) {
            leaks.add(leak);
        }
        assertThat(leaks).as("leaked buffers").isEmpty();
    }

    /** Returns when a collection is over and references found dead in it are in their queues. */
    private static void collect() throws InterruptedException {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        PhantomReference<Object> sentinel = new PhantomReference<>(new Object(), queue);
        System.gc();
        assertThat(queue.remove(REFERENCES_MILLIS)).isSameAs(sentinel);
    }

    private static final class Recording extends ResourceLeakDetectorFactory {

        @Override
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval) {
            return new Recorder<>(resource, interval);
        }

        @Override
        @SuppressWarnings("deprecation") // abstract there
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval, long maxActive) {
            return new Recorder<>(resource, interval);
        }
    }

    private static final class Recorder<T> extends ResourceLeakDetector<T> {

        private static final Queue<String> watched = new ConcurrentLinkedQueue<>();

        Recorder(Class<T> resource, int interval) {
            super(resource, interval);
            watched.add(resource.getSimpleName());
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String type, String records) {
            LEAKS.add(type + records);
            super.reportTracedLeak(type, records);
        }

        @Override
        protected void reportUntracedLeak(String type) {
            LEAKS.add(type);
            super.reportUntracedLeak(type);
        }
    }
}
