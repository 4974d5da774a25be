package io.clb.bench.soak;

/** Threads of clients and servers, which do not keep the JVM. */
final class Threads {

    private Threads() {}

    static Thread start(String name, Runnable task) {
        Thread thread = new Thread(task, "soak-" + name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
