package io.clb.bench.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client of echo servers, with a new connection each time, from one of its addresses after the other: connect, send a line, read the answer to its end.
 * It is served if the right answer came and was followed by FIN.
 */
final class EchoClient implements Clients.Client {

    private final InetSocketAddress balancer;
    private final String name;
    private final List<Source> sources;
    private final Homes homes;
    private long count;
    private @Nullable InetSocketAddress local;

    EchoClient(InetSocketAddress balancer, int number, List<Source> sources, Homes homes) {
        this.balancer = balancer;
        this.name = "client " + number;
        this.sources = sources;
        this.homes = homes;
    }

    @Override
    public boolean ask() throws IOException {
        Source source = sources.get((int) (count % sources.size()));
        String line = name + " line " + count++;
        local = null;
        Homes.Phase phase = homes.open();
        try (Socket socket = source.open()) {
            socket.setSoTimeout(Clients.TIMEOUT_MILLIS);
            socket.connect(balancer, Clients.TIMEOUT_MILLIS);
            local = (InetSocketAddress) socket.getLocalSocketAddress();
            socket.getOutputStream().write((line + "\n").getBytes(US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
            String end = ": " + line + "\n";
            if (!answer.endsWith(end)) {
                throw new IOException(answer.isEmpty() ? "closed without an answer" : "wrong answer: " + answer);
            }
            if (phase != null && phase == homes.open()) {
                phase.saw(source.name(), answer.substring(0, answer.length() - end.length()));
            }
            return true;
        } catch (IOException e) {
            source.failed();
            throw e;
        }
    }

    @Override
    public @Nullable InetSocketAddress local() {
        return local;
    }

    /** Nothing to do: each connection ends with its answer. */
    @Override
    public void close() {}
}
