package io.clb.l4;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.Server;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler that always takes the first server that is left, in the test's order.
 *
 * @param ids servers by id
 */
public record InOrder(List<String> ids) implements SchedulerFactory {

    /** Servers by id, the first one first. */
    public static InOrder of(String... ids) {
        return new InOrder(List.of(ids));
    }

    @Override
    public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
        List<Server> servers = ids.stream()
                .map(id -> IntStream.range(0, eligible.size())
                        .mapToObj(eligible::server)
                        .filter(server -> server.id().equals(id))
                        .findFirst()
                        .orElse(null))
                .filter(Objects::nonNull)
                .toList();
        return (Flow flow, long nowNanos) -> servers.stream()
                .filter(server -> !flow.tried(server))
                .findFirst()
                .orElse(null);
    }
}
