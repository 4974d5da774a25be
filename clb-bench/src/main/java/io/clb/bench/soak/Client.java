package io.clb.bench.soak;

import java.io.EOFException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** One client after another, on a thread of its own, until it is told to stop: TCP sessions of a few echoes, or a few datagrams. */
final class Client implements Runnable {

    /** Clients come from 127.0.0.1 to 127.0.0.8. */
    static final int ADDRESSES = 8;

    private static final int TCP_PATIENCE_MILLIS = 3_000;
    private static final int UDP_PATIENCE_MILLIS = 500;
    private static final int MOST_BYTES = 64 * 1_024;
    private static final int MOST_DATAGRAM = 8_000;
    private static final int MOST_ECHOES = 12;

    /** So many that associations, which stay open for a while, do not become more than there may be. */
    private static final int MOST_DATAGRAMS = 1_000;

    private static final int ABORTS_IN = 10;

    private final InetSocketAddress balancer;
    private final boolean udp;
    private final Tally tally;
    private final Random random;
    private long sent;
    private volatile boolean stopped;

    Client(InetSocketAddress balancer, boolean udp, Tally tally, long seed) {
        this.balancer = balancer;
        this.udp = udp;
        this.tally = tally;
        this.random = new Random(seed);
    }

    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        while (!stopped) {
            try {
                InetSocketAddress from = new InetSocketAddress("127.0.0." + (1 + random.nextInt(ADDRESSES)), 0);
                if (udp) {
                    datagrams(from);
                } else {
                    session(from);
                }
            } catch (SocketTimeoutException e) {
                tally.silent.increment();
            } catch (IOException e) {
                tally.broken.increment();
            }
        }
    }

    private void session(InetSocketAddress from) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(from);
            socket.setSoTimeout(TCP_PATIENCE_MILLIS);
            socket.setSoLinger(true, 0);
            socket.connect(balancer, TCP_PATIENCE_MILLIS);
            int echoes = 1 + random.nextInt(MOST_ECHOES);
            for (int i = 0; i < echoes; i++) {
                byte[] sent = bytes(1 + random.nextInt(MOST_BYTES));
                socket.getOutputStream().write(sent);
                byte[] back = socket.getInputStream().readNBytes(sent.length);
                if (back.length < sent.length) {
                    throw new EOFException();
                }
                if (!Arrays.equals(back, sent)) {
                    tally.wrong.increment();
                    return;
                }
            }
            if (random.nextInt(ABORTS_IN) == 0) {
                tally.aborted.increment();
                return;
            }
            socket.shutdownOutput();
            if (socket.getInputStream().read() >= 0) {
                tally.wrong.increment();
            } else {
                tally.good.increment();
            }
        }
    }

    private void datagrams(InetSocketAddress from) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(from)) {
            socket.setSoTimeout(UDP_PATIENCE_MILLIS);
            socket.connect(balancer);
            int echoes = 1 + random.nextInt(MOST_DATAGRAMS);
            for (int i = 0; i < echoes; i++) {
                byte[] sent = bytes(Long.BYTES + random.nextInt(MOST_DATAGRAM));
                socket.send(new DatagramPacket(sent, sent.length));
                receive(socket, sent);
            }
        }
    }

    /** Reads on until the answer to the last datagram is there: one that is late is no wrong one. */
    private void receive(DatagramSocket socket, byte[] sent) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[MOST_DATAGRAM + Long.BYTES], MOST_DATAGRAM + Long.BYTES);
        do {
            packet.setLength(MOST_DATAGRAM + Long.BYTES);
            socket.receive(packet);
        } while (number(packet.getData()) < number(sent));
        byte[] back = Arrays.copyOf(packet.getData(), packet.getLength());
        (Arrays.equals(back, sent) ? tally.good : tally.wrong).increment();
    }

    private static long number(byte[] datagram) {
        return ByteBuffer.wrap(datagram).getLong();
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        if (udp) {
            ByteBuffer.wrap(bytes).putLong(sent++);
        }
        return bytes;
    }
}
