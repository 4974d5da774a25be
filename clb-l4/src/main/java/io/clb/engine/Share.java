package io.clb.engine;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A share of a pool: so many of its threads at a time, and no more. What comes besides waits here, in order, so that it holds no thread and no place in the pool's
 * queue. For any thread; control starts what waits.
 */
final class Share implements Executor {

    /** Pieces of work that wait. Not measured: as many as may wait in the pool. */
    static final int MAX_WAITING = 1_024;

    /** Until work is tried again that found the pool full. */
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Control control;
    private final Executor pool;
    private final int threads;

    // stepped by any thread
    private final AtomicInteger size = new AtomicInteger();

    // control only
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;
    private boolean retrying;

    Share(Control control, Executor pool, int threads) {
        this.control = control;
        this.pool = pool;
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        if (size.incrementAndGet() > MAX_WAITING) {
            size.decrementAndGet();
            throw new RejectedExecutionException(MAX_WAITING + " pieces of work of discoveries wait already");
        }
        control.post(() -> {
            waiting.add(task);
            startNext();
        });
    }

    /** Control only. */
    private void startNext() {
        while (running < threads && !retrying && !waiting.isEmpty()) {
            Runnable task = waiting.element();
            try {
                pool.execute(() -> run(task));
            } catch (RejectedExecutionException e) {
                retrying = true;
                control.later(RETRY_NANOS, this::retry);
                return;
            }
            waiting.remove();
            size.decrementAndGet();
            running++;
        }
    }

    private void retry() {
        retrying = false;
        startNext();
    }

    private void run(Runnable task) {
        try {
            task.run();
        } finally {
            control.post(this::ended);
        }
    }

    private void ended() {
        running--;
        startNext();
    }
}
