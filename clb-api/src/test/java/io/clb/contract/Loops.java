package io.clb.contract;

import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Threads that call a strategy as event loops do: all at once. */
public final class Loops {

    private Loops() {}

    /** What one of the threads does. */
    @FunctionalInterface
    public interface Body {

        /**
         * Runs on one thread.
         *
         * @param loop the number of the thread, from 0
         * @throws Exception to fail the test
         */
        void run(int loop) throws Exception;
    }

    /**
     * Runs a body on several threads, which begin together, and waits for all of them.
     *
     * @param loops how many threads
     * @param body what each of them does
     * @throws InterruptedException if the wait is interrupted
     * @throws AssertionError if one of them threw
     */
    public static void run(int loops, Body body) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(loops);
        try {
            CyclicBarrier start = new CyclicBarrier(loops);
            List<Future<Boolean>> ends = IntStream.range(0, loops)
                    .mapToObj(loop -> threads.submit(() -> {
                        start.await();
                        body.run(loop);
                        return true;
                    }))
                    .toList();
            for (Future<Boolean> end : ends) {
                end.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError("one of " + loops + " threads failed: " + e.getCause(), e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }
}
