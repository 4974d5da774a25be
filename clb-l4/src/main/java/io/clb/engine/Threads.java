package io.clb.engine;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;

/**
 * Makes the balancer's threads: named after it, daemon or not, and with this library's class loader as their context, so that none holds on to the
 * class loader of whichever application happened to start it.
 */
final class Threads {

    private final String balancer;
    private final boolean daemon;

    // written by those who give a loop its first task; read by control
    private final Queue<Thread> loops = new ConcurrentLinkedQueue<>();

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

    ThreadFactory factory(String name) {
        return task -> newThread(name, task);
    }

    private Thread configured(Thread thread) {
        thread.setDaemon(daemon);
        thread.setContextClassLoader(Threads.class.getClassLoader());
        return thread;
    }
}
