package io.clb.l4;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server of datagrams on loopback that keeps what comes, and answers each as the test says, on a thread of its own. */
public final class UdpServer implements AutoCloseable {

    /** What came from a socket of the balancer's. */
    @SuppressWarnings("ArrayRecordComponent") // no two are compared
    public record Received(InetSocketAddress from, byte[] payload) {

        /** The payload as text. */
        public String text() {
            return new String(payload, StandardCharsets.US_ASCII);
        }
    }

    /** How to answer a datagram. */
    @FunctionalInterface
    private interface Script {
        void answer(UdpServer server, Received datagram) throws IOException;
    }

    private static final int MAX_DATAGRAM = 65_535;
    private static final int TIMEOUT_SECONDS = 10;

    private final DatagramSocket socket;
    private final int port;
    private final Script script;
    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    private final Thread thread;

    // written by the server's thread before it answers; read by the test
    private volatile @Nullable Received last;

    private UdpServer(int port, Script script) {
        this.script = script;
        try {
            socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
        this.port = socket.getLocalPort();
        thread = new Thread(this::serve, "udp-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** Sends back what comes. */
    public static UdpServer echo() {
        return new UdpServer(0, (server, datagram) -> server.send(datagram.from(), datagram.payload()));
    }

    /** Answers with its own id. */
    public static UdpServer named() {
        return namedOn(0);
    }

    /** Answers with its own id, on a port that was free a moment ago. */
    public static UdpServer namedOn(int port) {
        return new UdpServer(
                port,
                (server, datagram) -> server.send(datagram.from(), server.id().getBytes(StandardCharsets.US_ASCII)));
    }

    /** Answers nothing. */
    public static UdpServer silent() {
        return new UdpServer(0, (server, datagram) -> {});
    }

    /** Sends back what stands behind a header; answers nothing that does not begin with it. */
    static UdpServer behind(byte[] header) {
        return new UdpServer(0, (server, datagram) -> {
            byte[] payload = datagram.payload();
            if (payload.length >= header.length && Arrays.equals(payload, 0, header.length, header, 0, header.length)) {
                server.send(datagram.from(), Arrays.copyOfRange(payload, header.length, payload.length));
            }
        });
    }

    private void serve() {
        byte[] buffer = new byte[MAX_DATAGRAM];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                Received datagram = new Received(
                        (InetSocketAddress) packet.getSocketAddress(), Arrays.copyOf(buffer, packet.getLength()));
                last = datagram;
                script.answer(this, datagram);
                received.add(datagram);
            } catch (IOException e) {
                // It was closed, which ends the loop.
            }
        }
    }

    /** Sends a datagram to a socket of the balancer's. */
    void send(InetSocketAddress to, byte[] payload) throws IOException {
        socket.send(new DatagramPacket(payload, payload.length, to));
    }

    /** The id that a balancer knows this server by. */
    public String id() {
        return "127.0.0.1:" + port();
    }

    /** The port. */
    public int port() {
        return port;
    }

    /** Waits for the next datagram, which was answered. */
    public Received next() throws InterruptedException {
        return requireNonNull(received.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS), "no datagram came");
    }

    /** The newest datagram that it has answered. */
    Received last() {
        return requireNonNull(last, "no datagram came");
    }

    /** How many came that {@link #next} has not returned. */
    public int waiting() {
        return received.size();
    }

    @Override
    public void close() {
        stop();
    }

    /** Goes away, as in the middle of a test: nobody is on its port any more. */
    public void stop() {
        socket.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
