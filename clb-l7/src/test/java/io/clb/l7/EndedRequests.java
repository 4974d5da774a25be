package io.clb.l7;

import io.clb.spi.FlowRecord;
import io.clb.spi.HttpFlow;
import io.clb.spi.Reason;
import io.clb.spi.Server;
import io.clb.spi.TrafficObserver;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An observer that keeps what it is told of requests, by the port of their client. */
final class EndedRequests implements TrafficObserver {

    /**
     * What was told of a request.
     *
     * @param target path and query
     * @param server the id of the server that took it
     */
    record Ended(
            String method,
            String target,
            @Nullable String host,
            @Nullable String server,
            Reason reason,
            int status) {}

    private static final int TIMEOUT_SECONDS = 10;

    private final Map<Integer, BlockingQueue<Ended>> byPort = new ConcurrentHashMap<>();

    @Override
    public void flowEnded(FlowRecord record) {
        HttpFlow request = (HttpFlow) record.flow();
        CharSequence query = request.query();
        CharSequence host = request.host();
        Server server = record.server();
        of(request.sourcePort())
                .add(new Ended(
                        request.method().toString(),
                        request.path() + (query == null ? "" : "?" + query),
                        host == null ? null : host.toString(),
                        server == null ? null : server.id(),
                        record.reason(),
                        record.status()));
    }

    private BlockingQueue<Ended> of(int port) {
        return byPort.computeIfAbsent(port, p -> new LinkedBlockingQueue<>());
    }

    /** Waits until a request of a client has ended, and forgets it. */
    Ended next(HttpClient client) throws InterruptedException {
        Ended next = of(client.socket().getLocalPort()).poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no request has ended");
        }
        return next;
    }

    /** Whether a request of a client has ended that nobody asked for. */
    boolean hasMore(HttpClient client) {
        return !of(client.socket().getLocalPort()).isEmpty();
    }

    /** Whether a request of any client has ended that nobody asked for. */
    boolean hasAny() {
        return byPort.values().stream().anyMatch(queue -> !queue.isEmpty());
    }

    /** Forgets all that was told: ports come again. */
    void forget() {
        byPort.clear();
    }
}
