package io.clb.ratelimit.cluster;

import io.clb.spi.ClusterTransport;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A network in memory. */
final class Hub {

    private final List<Line> lines = new CopyOnWriteArrayList<>();

    /** Whether messages are lost now. */
    volatile boolean down;

    ClusterTransport line() {
        return new Line();
    }

    /** Tells all that nobody can be reached. */
    void takeDown() {
        down = true;
        tell(receiver -> receiver.disconnected("the hub is down"));
    }

    void putUp() {
        down = false;
        tell(ClusterTransport.Receiver::connected);
    }

    /** Sends what is no report. */
    void send(byte[] message) {
        tell(receiver -> receiver.received(message));
    }

    private void tell(Consumer<ClusterTransport.Receiver> news) {
        for (Line line : lines) {
            ClusterTransport.Receiver receiver = line.receiver;
            if (receiver != null) {
                news.accept(receiver);
            }
        }
    }

    private final class Line implements ClusterTransport {
        private volatile @Nullable Receiver receiver;

        @Override
        public void open(Receiver receiver) {
            this.receiver = receiver;
            lines.add(this);
        }

        @Override
        public void send(byte[] message) {
            if (!down) {
                tell(receiver -> receiver.received(message));
            }
        }

        @Override
        public void close() {
            lines.remove(this);
        }
    }
}
