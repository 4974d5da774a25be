package io.clb.l4;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Runs a part of a test on a thread beside it. */
final class Beside {

    /** Something that may throw. */
    @FunctionalInterface
    interface Task {
        void run() throws Exception;
    }

    private Beside() {}

    static CompletableFuture<Void> run(Task task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        start(
                () -> {
                    task.run();
                    done.complete(null);
                },
                done);
        return done;
    }

    static <T> CompletableFuture<T> call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        start(() -> result.complete(task.call()), result);
        return result;
    }

    private static void start(Task task, CompletableFuture<?> outcome) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (Exception | AssertionError e) {
                        outcome.completeExceptionally(e);
                    }
                },
                "beside-the-test");
        thread.setDaemon(true);
        thread.start();
    }
}
