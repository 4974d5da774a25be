package io.clb.l4;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Servers that take or send as much as they can, and clients that do: what each connection got is counted. */
final class Flood {

    private static final int CHUNK = 16 * 1_024;

    private final List<AtomicLong> counts = new CopyOnWriteArrayList<>();

    /** Takes what comes, to the FIN, and then says how much it was. */
    void take(Socket socket) throws IOException {
        AtomicLong count = new AtomicLong();
        counts.add(count);
        receive(socket.getInputStream(), count);
        socket.getOutputStream().write((count.get() + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    /** Reads to the end on this thread, and counts. */
    private static void receive(InputStream in, AtomicLong count) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (int now = in.read(chunk); now >= 0; now = in.read(chunk)) {
            count.addAndGet(now);
        }
    }

    /** Sends as long as there is somebody to send to. */
    static void send(Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        while (true) {
            out.write(new byte[CHUNK]);
        }
    }

    /** Has a client send on a thread of its own until it is closed. */
    static void sends(Client client) {
        start(() -> send(client.socket()));
    }

    /** Has a client read on a thread of its own until it is closed. */
    void reads(Client client) {
        AtomicLong count = new AtomicLong();
        counts.add(count);
        start(() -> receive(client.socket().getInputStream(), count));
    }

    /** What may end when a socket does. */
    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // The socket was closed, which is how every flood ends.
                    }
                },
                "flood");
        thread.setDaemon(true);
        thread.start();
    }

    /** What each connection got, in the order in which they came. */
    List<Long> counts() {
        return counts.stream().map(AtomicLong::get).toList();
    }

    /** What all got together. */
    long sum() {
        return counts().stream().mapToLong(Long::longValue).sum();
    }
}
