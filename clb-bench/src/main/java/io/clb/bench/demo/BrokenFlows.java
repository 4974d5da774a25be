package io.clb.bench.demo;

import io.clb.spi.Flow;
import io.clb.spi.FlowRecord;
import io.clb.spi.Reason;
import io.clb.spi.Server;
import io.clb.spi.TrafficObserver;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the balancer says of flows that did not end in order, by the client's address: so a loss that a client noticed can be laid at a server's door.
 */
final class BrokenFlows implements TrafficObserver {

    /**
     * Such a flow.
     *
     * @param server the id of the server that had taken it, null if none had
     * @param reason why it ended
     */
    record Broken(@Nullable String server, Reason reason) {}

    /** A client's end of a connection: the system gives one to connections to different listeners. */
    private record End(String listener, InetSocketAddress client) {}

    // written by the balancer's loops; read by the thread that plays. At most one entry for each end there is.
    private final Map<End, Broken> byEnd = new ConcurrentHashMap<>();

    @Override
    public void flowEnded(FlowRecord record) {
        // What the limit refused was answered as it should be.
        if (record.reason() != Reason.COMPLETED && record.reason() != Reason.LIMIT_QPS) {
            Server server = record.server();
            broke(
                    record.flow().listener(),
                    client(record.flow()),
                    server == null ? null : server.id(),
                    record.reason());
        }
    }

    /** Clients of the demo's have IPv4 addresses, which stand in the lowest 32 bits. */
    private static InetSocketAddress client(Flow flow) {
        byte[] address = ByteBuffer.allocate(Integer.BYTES)
                .putInt((int) flow.sourceLow())
                .array();
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), flow.sourcePort());
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
    }

    void broke(String listener, InetSocketAddress client, @Nullable String server, Reason reason) {
        byEnd.put(new End(listener, client), new Broken(server, reason));
    }

    @Nullable
    Broken of(String listener, @Nullable InetSocketAddress client) {
        return client == null ? null : byEnd.get(new End(listener, client));
    }
}
