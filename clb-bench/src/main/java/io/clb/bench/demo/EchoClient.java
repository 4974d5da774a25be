package io.clb.bench.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A client of echo servers, with a new connection each time: connect, send a line, read the answer to its end. It is served if the right answer came
 * and was followed by FIN.
 */
final class EchoClient implements Clients.Client {

    private final InetSocketAddress balancer;
    private final String name;
    private long count;
    private int port;

    EchoClient(InetSocketAddress balancer, int number) {
        this.balancer = balancer;
        this.name = "client " + number;
    }

    @Override
    public boolean ask() throws IOException {
        String line = name + " line " + count++;
        port = 0;
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(Clients.TIMEOUT_MILLIS);
            socket.connect(balancer, Clients.TIMEOUT_MILLIS);
            port = socket.getLocalPort();
            socket.getOutputStream().write((line + "\n").getBytes(US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
            if (!answer.endsWith(": " + line + "\n")) {
                throw new IOException(answer.isEmpty() ? "closed without an answer" : "wrong answer: " + answer);
            }
            return true;
        }
    }

    @Override
    public int port() {
        return port;
    }

    /** Nothing to do: each connection ends with its answer. */
    @Override
    public void close() {}
}
