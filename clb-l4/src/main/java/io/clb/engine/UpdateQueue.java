package io.clb.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Updates that nobody waits for: made one after the other, on a thread that is there only while there are any. For any thread. */
final class UpdateQueue {

    /** Updates that have not begun. Not measured. */
    private static final int MAX_WAITING = 1_024;

    private static final int IDLE_SECONDS = 10;

    private final String balancer;
    private final Threads threads;
    private final ThreadPoolExecutor executor;

    UpdateQueue(String balancer, Threads threads) {
        this.balancer = balancer;
        this.threads = threads;
        this.executor = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                threads.workers("update"));
        executor.allowCoreThreadTimeOut(true);
    }

    private static final class Update implements Runnable {

        private final Runnable change;
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        Update(Runnable change) {
            this.change = change;
        }

        @Override
        public void run() {
            try {
                change.run();
                done.complete(null);
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        }
    }

    /**
     * Adds an update.
     *
     * @param change makes it
     * @return completed with it; exceptionally if it throws, or will not be made
     */
    CompletionStage<Void> add(Runnable change) {
        Update update = new Update(change);
        try {
            executor.execute(update);
        } catch (RejectedExecutionException e) {
            update.done.completeExceptionally(rejected(e));
        }
        return update.done;
    }

    private RejectedExecutionException rejected(@Nullable Throwable cause) {
        return new RejectedExecutionException(
                "balancer " + balancer + " is closed, or " + MAX_WAITING + " updates wait already", cause);
    }

    /** Takes no more; interrupts the update that is being made, and tells those that waited that they will not be. */
    void end() {
        for (Runnable left : executor.shutdownNow()) {
            ((Update) left).done.completeExceptionally(rejected(null));
        }
    }

    /**
     * Waits for the thread to end.
     *
     * @return false if code of the application's holds it up
     */
    boolean awaitEnd() throws InterruptedException {
        return threads.awaitEnd(executor);
    }
}
