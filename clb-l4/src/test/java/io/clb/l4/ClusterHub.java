package io.clb.l4;

import io.clb.Cluster;
import io.clb.spi.ClusterTransport;
import io.clb.spi.ClusterTransportFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A network in memory, which carries the messages of balancers in this process. */
public final class ClusterHub implements ClusterTransportFactory {

    private final Map<String, ClusterTransport.Receiver> nodes = new ConcurrentHashMap<>();
    private final Set<String> cutOff = ConcurrentHashMap.newKeySet();

    /** A node of a cluster of so many, which reports as often as it may. */
    public Cluster cluster(String node, int nodesInAll) {
        return Cluster.of(node, this).expectedNodes(nodesInAll).reportInterval(Duration.ofMillis(50));
    }

    /** Who can be reached. */
    Set<String> nodes() {
        return Set.copyOf(nodes.keySet());
    }

    /** Has nobody hear of a node any more, and it of nobody. */
    public void cutOff(String node) {
        cutOff.add(node);
    }

    /** Cuts all off, as a server between them that goes away, and tells them. */
    void down() {
        cutOff.addAll(nodes.keySet());
        nodes.values().forEach(receiver -> receiver.disconnected("the hub is down"));
    }

    /** Ends {@link #cutOff} and {@link #down}. */
    void up() {
        cutOff.clear();
        nodes.values().forEach(ClusterTransport.Receiver::connected);
    }

    @Override
    public String name() {
        return "hub";
    }

    @Override
    public ClusterTransport create(String node) {
        return new ClusterTransport() {
            @Override
            public void open(Receiver receiver) {
                nodes.put(node, receiver);
                receiver.connected();
            }

            @Override
            public void send(byte[] message) {
                if (!cutOff.contains(node)) {
                    nodes.forEach((name, receiver) -> deliver(name, receiver, message));
                }
            }

            @Override
            public void close() {
                nodes.remove(node);
            }
        };
    }

    private void deliver(String node, ClusterTransport.Receiver receiver, byte[] message) {
        if (!cutOff.contains(node)) {
            receiver.received(message);
        }
    }
}
