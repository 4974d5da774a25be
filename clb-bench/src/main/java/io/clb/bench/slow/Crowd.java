package io.clb.bench.slow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Many {@link SlowClient}s of all kinds, from several addresses, on one thread. */
final class Crowd implements AutoCloseable {

    private static final int ADDRESSES = 8;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final List<SlowClient> clients = new ArrayList<>();
    private final long[] dueNanos;
    private final AtomicLong ended = new AtomicLong();
    private final Thread thread = new Thread(this::run, "slow-clients");
    private volatile boolean over;

    /** Connects them all. */
    Crowd(int count, InetSocketAddress to) throws IOException {
        SlowClient.Kind[] kinds = SlowClient.Kind.values();
        dueNanos = new long[count];
        long now = System.nanoTime();
        for (int i = 0; i < count; i++) {
            String from = "127.0.0." + (2 + i / kinds.length % ADDRESSES);
            SlowClient client = new SlowClient(kinds[i % kinds.length], from, to);
            clients.add(client);
            client.connect();
            // Spread evenly, not all in one moment.
            dueNanos[i] = now + client.pauseNanos() * i / count;
        }
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!over) {
                long now = System.nanoTime();
                for (int i = 0; i < dueNanos.length; i++) {
                    if (now - dueNanos[i] >= 0) {
                        step(clients.get(i));
                        dueNanos[i] += clients.get(i).pauseNanos();
                    }
                }
                LockSupport.parkNanos(TICK_NANOS);
            }
            for (SlowClient client : clients) {
                client.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void step(SlowClient client) throws IOException {
        boolean open;
        try {
            open = client.step();
        } catch (IOException e) {
            open = false;
        }
        if (!open) {
            ended.incrementAndGet();
            client.close();
            client.connect();
        }
    }

    /** How many connections the balancer has ended. */
    long ended() {
        return ended.get();
    }

    /** Has them all go. */
    @Override
    public void close() throws IOException {
        over = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
