package io.clb.bench.micro;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs the threads of a benchmark as tasks of Netty's event loops, one on each: what they measure runs where the engine runs it. JMH makes one by its
 * name, given in the system property {@code jmh.executor.class}.
 */
public final class LoopExecutor extends MultiThreadIoEventLoopGroup {

    /**
     * Makes as many loops as the benchmark has threads.
     *
     * @param threads how many
     * @param prefix what JMH calls its threads
     */
    public LoopExecutor(int threads, String prefix) {
        super(threads, new LoopThreads(prefix), NioIoHandler.newFactory());
    }

    /**
     * Tells which loop this is.
     *
     * @return 0 to the number of loops - 1
     * @throws IllegalStateException on a thread that is no event loop's
     */
    public static int currentLoop() {
        if (Thread.currentThread() instanceof LoopThread thread) {
            return thread.index;
        }
        throw new IllegalStateException(
                "thread: " + Thread.currentThread() + " (expected: that of an event loop; run with "
                        + "-Djmh.executor=CUSTOM -Djmh.executor.class=" + LoopExecutor.class.getName() + ")");
    }

    private static final class LoopThreads implements ThreadFactory {

        private final String prefix;
        private final AtomicInteger made = new AtomicInteger();

        LoopThreads(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public Thread newThread(Runnable task) {
            return new LoopThread(task, prefix, made.getAndIncrement());
        }
    }

    private static final class LoopThread extends FastThreadLocalThread {

        private final int index;

        LoopThread(Runnable task, String prefix, int index) {
            super(task, prefix + "-loop-" + index);
            this.index = index;
        }
    }
}
