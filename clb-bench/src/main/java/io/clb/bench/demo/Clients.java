package io.clb.bench.demo;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The clients of a listener, a thread each: they ask, and again, and count what they see. */
final class Clients {

    /** No server of the demo's is slower by far: who waits for so long has lost. */
    static final int TIMEOUT_MILLIS = 5_000;

    /** Losses that are kept one by one, for the verdict; more are only counted. */
    private static final int MAX_KEPT = 10_000;

    /** One client. On its own thread only. */
    interface Client extends Closeable {

        /**
         * Asks, and checks the answer.
         *
         * @return true if it was served, false if it was refused in good order
         * @throws IOException if it got no answer, or the wrong one
         */
        boolean ask() throws IOException;

        /** Its end of the connection used last; null if it never connected. */
        @Nullable
        InetSocketAddress local();

        @Override
        void close();
    }

    /**
     * What was asked and not answered.
     *
     * @param listener who was asked
     * @param local the client's end, null if it never connected
     * @param atNanos when the client noticed
     * @param why what it noticed
     */
    record Loss(String listener, @Nullable InetSocketAddress local, long atNanos, String why) {}

    private final String listener;
    private final long pauseNanos;
    private final IntFunction<Client> maker;

    // the thread that plays only
    private final List<Thread> threads = new ArrayList<>();

    // written by the clients; read by any thread
    private final AtomicLong served = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final Queue<Loss> losses = new ConcurrentLinkedQueue<>();

    // written by stop(); read by the clients
    private volatile boolean stopping;

    /**
     * Begins with none.
     *
     * @param pauseMillis how long each rests before it asks again
     * @param maker makes a client, by its number from 0
     */
    Clients(String listener, long pauseMillis, IntFunction<Client> maker) {
        this.listener = listener;
        this.pauseNanos = TimeUnit.MILLISECONDS.toNanos(pauseMillis);
        this.maker = maker;
    }

    /** Starts so many more. */
    void add(int count) {
        for (int i = 0; i < count; i++) {
            Client client = maker.apply(threads.size());
            Thread thread = new Thread(() -> run(client), "client-" + listener + "-" + threads.size());
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    int count() {
        return threads.size();
    }

    long served() {
        return served.get();
    }

    long refused() {
        return refused.get();
    }

    long lost() {
        return lost.get();
    }

    /** How often they asked and know what became of it. */
    long asked() {
        return served() + refused() + lost();
    }

    /** What was lost, one by one; of very many only the first. */
    List<Loss> losses() {
        return List.copyOf(losses);
    }

    private void run(Client client) {
        try (client) {
            while (!stopping) {
                ask(client);
                LockSupport.parkNanos(pauseNanos);
            }
        }
    }

    /** A client that cannot make sense of an answer has lost too. */
    private void ask(Client client) {
        try {
            (client.ask() ? served : refused).incrementAndGet();
        } catch (IOException | RuntimeException e) {
            if (lost.incrementAndGet() <= MAX_KEPT) {
                losses.add(new Loss(listener, client.local(), System.nanoTime(), String.valueOf(e.getMessage())));
            }
        }
    }

    /** Lets each client have the answer that it waits for, and returns when all have. */
    void stop() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
