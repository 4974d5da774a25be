package io.clb.l4;

import io.clb.LoadBalancer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client on a plain socket. Reads give up after ten seconds, so that a broken balancer fails a test instead of holding it up. */
public final class Client implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;

    private final Socket socket;

    private Client(Socket socket) {
        this.socket = socket;
    }

    /** Connects to a listener. */
    public static Client to(LoadBalancer lb, String listener) throws IOException {
        return to(lb.address(listener).getPort());
    }

    /** Connects to a port on loopback. */
    public static Client to(int port) throws IOException {
        return at(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** Connects to an address. */
    static Client at(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address, TIMEOUT_MILLIS);
        return on(socket);
    }

    /** Connects from one of the addresses of loopback. */
    public static Client from(String address, LoadBalancer lb, String listener) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(address, 0));
        socket.connect(lb.address(listener), TIMEOUT_MILLIS);
        return on(socket);
    }

    /** Connects to a listener that will have none of it, and tells how it ended, which may be before the connect is over. */
    static End refused(LoadBalancer lb, String listener) throws IOException {
        return refused(lb.address(listener).getPort());
    }

    /** The same, for a port on loopback. */
    static End refused(int port) throws IOException {
        try (Client client = to(port)) {
            return client.end();
        } catch (SocketException e) {
            return End.RESET;
        }
    }

    /** Tells whether a listener will have none of it: to ask again and again, as a connection that is served is not waited for. */
    static boolean isRefused(LoadBalancer lb, String listener) throws IOException {
        try (Client client = to(lb, listener)) {
            return client.finish().end() == End.RESET;
        } catch (SocketException e) {
            return true;
        }
    }

    /** Takes over a socket. */
    static Client on(Socket socket) throws IOException {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return new Client(socket);
    }

    /** The socket itself. */
    public Socket socket() {
        return socket;
    }

    /** Sends text. */
    public Client send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /** Reads so many bytes as text; fewer only at the end. */
    public String read(int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
    }

    /** Reads a line without its end; what there is, at the end. */
    public String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = socket.getInputStream().read();
                b >= 0 && b != '\n';
                b = socket.getInputStream().read()) {
            line.write(b);
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    /** Sends FIN. */
    public Client finish() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Reads to the end. */
    public byte[] readAll() throws IOException {
        return socket.getInputStream().readAllBytes();
    }

    /** Reads to the end, and tells how it ended. */
    End end() throws IOException {
        return End.of(socket);
    }

    /** Sends text and reads as much again: true if it is the same. */
    public boolean echoes(String text) throws IOException {
        return send(text).read(text.length()).equals(text);
    }

    /** Sends RST. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
