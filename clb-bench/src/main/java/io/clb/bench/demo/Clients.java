package io.clb.bench.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Clients on plain sockets, a thread each: connect, send a line, read the answer to its end, and again. They count what they see: a connection is
 * served if the right answer came and was followed by FIN, else it is lost.
 */
final class Clients {

    /** No server of the demo's is slower by far: who waits for so long has lost. */
    private static final int TIMEOUT_MILLIS = 5_000;

    /** Losses that are kept one by one, for the verdict; more are only counted. */
    private static final int MAX_KEPT = 10_000;

    /**
     * A connection that was not served.
     *
     * @param port the client's own, 0 if it never connected
     * @param atNanos when the client noticed
     * @param why what it noticed
     */
    record Loss(int port, long atNanos, String why) {}

    private final InetSocketAddress balancer;
    private final List<Thread> threads;

    // written by the clients; read by any thread
    private final AtomicLong served = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final Queue<Loss> losses = new ConcurrentLinkedQueue<>();

    // written by stop(); read by the clients
    private volatile boolean stopping;

    /** Starts so many clients of a balancer. */
    Clients(InetSocketAddress balancer, int count) {
        this.balancer = balancer;
        this.threads = IntStream.range(0, count)
                .mapToObj(i -> new Thread(() -> run("client " + i), "client-" + i))
                .toList();
        threads.forEach(thread -> {
            thread.setDaemon(true);
            thread.start();
        });
    }

    int count() {
        return threads.size();
    }

    long served() {
        return served.get();
    }

    long lost() {
        return lost.get();
    }

    /** What was lost, one by one; of very many only the first. */
    List<Loss> losses() {
        return List.copyOf(losses);
    }

    private void run(String name) {
        for (long i = 0; !stopping; i++) {
            converse(name + " line " + i);
        }
    }

    private void converse(String line) {
        int port = 0;
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(balancer, TIMEOUT_MILLIS);
            port = socket.getLocalPort();
            socket.getOutputStream().write((line + "\n").getBytes(US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
            if (!answer.endsWith(": " + line + "\n")) {
                throw new IOException(answer.isEmpty() ? "closed without an answer" : "wrong answer: " + answer);
            }
            served.incrementAndGet();
        } catch (IOException e) {
            lose(new Loss(port, System.nanoTime(), String.valueOf(e.getMessage())));
        }
    }

    private void lose(Loss loss) {
        if (lost.incrementAndGet() <= MAX_KEPT) {
            losses.add(loss);
        }
    }

    /** Lets each client finish the connection that it has, and returns when all have. */
    void stop() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
