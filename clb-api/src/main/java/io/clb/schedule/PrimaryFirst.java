package io.clb.schedule;

import static java.util.Objects.requireNonNull;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.Server;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All flows to one server as long as it may take any, else to the next by id: what a group with a primary and a secondary picks by, which need not be set. It
 * remembers nothing, and so fails over and back with the servers that it is given. Weights, but for 0, are ignored.
 *
 * @param primary the id of the server that comes first
 */
public record PrimaryFirst(String primary) implements SchedulerFactory {

    /**
     * Names the server that comes first.
     *
     * @param primary its id
     */
    public PrimaryFirst {
        requireNonNull(primary, "primary");
    }

    @Override
    public String name() {
        return "primary";
    }

    @Override
    public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
        List<Server> order = new ArrayList<>();
        for (int i = 0; i < eligible.size(); i++) {
            Server server = eligible.server(i);
            if (eligible.weight(i) > 0) {
                order.add(server.id().equals(primary) ? 0 : order.size(), server);
            }
        }
        return new Order(order.toArray(new Server[0]));
    }

    /** Takes the first server that is left. Never changed. */
    private static final class Order implements Scheduler {

        private final Server[] servers;

        Order(Server[] servers) {
            this.servers = servers;
        }

        @Override
        public @Nullable Server pick(Flow flow, long nowNanos) {
            for (Server server : servers) {
                if (!flow.tried(server)) {
                    return server;
                }
            }
            return null;
        }

        @Override
        public boolean keepsAffinity() {
            return true;
        }
    }
}
