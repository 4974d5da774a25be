package io.clb.ratelimit.cluster;

import io.clb.spi.ClusterTransport;
import io.clb.spi.PermitBuckets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A network in memory, and a store of permits. */
final class Hub {

    private final PermitPool pool = new PermitPool();

    private final List<Line> lines = new CopyOnWriteArrayList<>();

    /** Whether messages are lost now. */
    volatile boolean down;

    ClusterTransport line() {
        return new Line();
    }

    /** One without the store. */
    ClusterTransport plainLine() {
        ClusterTransport line = new Line();
        return new ClusterTransport() {
            @Override
            public void open(Receiver receiver) {
                line.open(receiver);
            }

            @Override
            public void send(byte[] message) {
                line.send(message);
            }

            @Override
            public void close() {
                line.close();
            }
        };
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

    private final class Line implements PermitBuckets {
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
        public void ask(Ask ask, Consumer<@Nullable Answer> receiver) {
            synchronized (pool) {
                receiver.accept(down ? null : pool.ask(ask, System.nanoTime() / 1_000));
            }
        }

        @Override
        public void close() {
            lines.remove(this);
        }
    }
}
