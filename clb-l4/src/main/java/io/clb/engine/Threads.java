package io.clb.engine;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Makes the balancer's threads: named after it, daemon or not, and with this library's class loader as their context, so that none holds on to the
 * class loader of whichever application happened to start it.
 */
final class Threads {

    /** How long each thread of a pool that has ended has to be gone. Not measured. */
    private static final long JOIN_MILLIS = 100;

    private final String balancer;
    private final boolean daemon;

    // written by those who give a loop its first task; read by control
    private final Queue<Thread> loops = new ConcurrentLinkedQueue<>();

    // written by those who give a pool work; read by those who end it
    private final Queue<Thread> workers = new ConcurrentLinkedQueue<>();

    Threads(String balancer, boolean daemon) {
        this.balancer = balancer;
        this.daemon = daemon;
    }

    Thread newThread(String name, Runnable task) {
        return configured(new Thread(null, task, balancer + "-" + name, 0, false));
    }

    /** The same for threads that Netty needs to be of its own kind. */
    Thread newLoopThread(String name, Runnable task) {
        Thread thread = configured(new FastThreadLocalThread(null, task, balancer + "-" + name));
        loops.add(thread);
        return thread;
    }

    /** Waits for the threads of loops that have ended: a loop says so before its thread is gone. */
    void joinLoops() {
        try {
            for (Thread thread : loops) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes the threads of a pool, which come and go. */
    ThreadFactory workers(String name) {
        return task -> {
            workers.removeIf(worker -> worker.getState() == Thread.State.TERMINATED);
            Thread worker = newThread(name, task);
            workers.add(worker);
            return worker;
        };
    }

    /**
     * Waits for a pool that was told to end, and for its threads: it says that it has ended before they are gone.
     *
     * @return false if they are not within a second: code of the application's may ignore its interruption
     */
    boolean awaitEnd(ThreadPoolExecutor pool) throws InterruptedException {
        if (!pool.awaitTermination(1, TimeUnit.SECONDS)) {
            return false;
        }
        // All but those of another pool, which may be held up, are about to be gone.
        for (Thread worker : workers) {
            worker.join(JOIN_MILLIS);
        }
        return true;
    }

    private Thread configured(Thread thread) {
        thread.setDaemon(daemon);
        thread.setContextClassLoader(Threads.class.getClassLoader());
        return thread;
    }
}
