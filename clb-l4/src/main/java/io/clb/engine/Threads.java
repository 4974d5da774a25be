package io.clb.engine;

import java.util.concurrent.ThreadFactory;

/**
 * Makes the balancer's threads: named after it, daemon or not, and with this library's class loader as their context, so that none holds on to the
 * class loader of whichever application happened to start it.
 */
final class Threads {

    private final String balancer;
    private final boolean daemon;

    Threads(String balancer, boolean daemon) {
        this.balancer = balancer;
        this.daemon = daemon;
    }

    Thread newThread(String name, Runnable task) {
        return configured(new Thread(null, task, balancer + "-" + name, 0, false));
    }

    /** The same for threads that Netty needs to be of its own kind. */
    Thread newLoopThread(String name, Runnable task) {
        return configured(new io.netty.util.concurrent.FastThreadLocalThread(null, task, balancer + "-" + name));
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
