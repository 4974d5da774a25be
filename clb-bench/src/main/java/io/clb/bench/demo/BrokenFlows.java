package io.clb.bench.demo;

import io.clb.spi.FlowRecord;
import io.clb.spi.Reason;
import io.clb.spi.Server;
import io.clb.spi.TrafficObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the balancer says of flows that did not end in order, by the client's port: so a loss that a client noticed can be laid at a server's door.
 */
final class BrokenFlows implements TrafficObserver {

    /**
     * Such a flow.
     *
     * @param server the id of the server that had taken it, null if none had
     * @param reason why it ended
     */
    record Broken(@Nullable String server, Reason reason) {}

    // written by the balancer's loops; read by the thread that plays. At most one entry for each port there is.
    private final Map<Integer, Broken> byPort = new ConcurrentHashMap<>();

    @Override
    public void flowEnded(FlowRecord record) {
        if (record.reason() != Reason.COMPLETED) {
            Server server = record.server();
            broke(record.flow().sourcePort(), server == null ? null : server.id(), record.reason());
        }
    }

    void broke(int clientPort, @Nullable String server, Reason reason) {
        byPort.put(clientPort, new Broken(server, reason));
    }

    @Nullable
    Broken of(int clientPort) {
        return byPort.get(clientPort);
    }
}
