package io.clb.l4;

import io.clb.LoadBalancer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A client with a datagram socket of its own. Receiving gives up after ten seconds, so that a broken balancer fails a test instead of holding it up. */
public final class UdpClient implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int MAX_DATAGRAM = 65_535;

    private final DatagramSocket socket;
    private final InetSocketAddress to;

    private UdpClient(String address, InetSocketAddress to) throws IOException {
        this.to = to;
        // Not connected, so that it does not hear of closed ports.
        socket = new DatagramSocket(new InetSocketAddress(address, 0));
        socket.setSoTimeout(TIMEOUT_MILLIS);
    }

    /** Sends to a listener. */
    public static UdpClient to(LoadBalancer lb, String listener) throws IOException {
        return new UdpClient("127.0.0.1", lb.address(listener));
    }

    /** Sends from an address of loopback to the same one, where a listener listens on all of them. */
    public static UdpClient to(String address, LoadBalancer lb, String listener) throws IOException {
        return new UdpClient(
                address, new InetSocketAddress(address, lb.address(listener).getPort()));
    }

    /** Sends to an address. */
    static UdpClient at(InetSocketAddress address) throws IOException {
        return new UdpClient("127.0.0.1", address);
    }

    /** Sends from one of the addresses of loopback. */
    public static UdpClient from(String address, LoadBalancer lb, String listener) throws IOException {
        return new UdpClient(address, lb.address(listener));
    }

    /** Waits no longer for an answer, as a test sends again what is lost. */
    UdpClient waiting(int millis) throws SocketException {
        socket.setSoTimeout(millis);
        return this;
    }

    /** Sends a datagram. */
    public UdpClient send(byte[] payload) throws IOException {
        socket.send(new DatagramPacket(payload, payload.length, to));
        return this;
    }

    /** Sends text. */
    public UdpClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Waits for a datagram. */
    public byte[] receive() throws IOException {
        byte[] buffer = new byte[MAX_DATAGRAM];
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        return Arrays.copyOf(buffer, packet.getLength());
    }

    /** Waits for a datagram, as text. */
    public String text() throws IOException {
        return new String(receive(), StandardCharsets.US_ASCII);
    }

    /** Sends text and waits for an answer. */
    public String ask(String text) throws IOException {
        return send(text).text();
    }

    @Override
    public void close() {
        socket.close();
    }
}
