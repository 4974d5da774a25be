package io.clb.bench.micro;

import io.clb.spi.GroupView;
import io.clb.spi.Server;
import java.util.List;
import java.util.stream.IntStream;

/** Many servers, of two strengths. */
record IdleGroup(String name, List<Server> servers, int loops, long seed) implements GroupView {

    static IdleGroup of(int servers) {
        List<Server> list = IntStream.range(0, servers)
                .<Server>mapToObj(i -> IdleServer.of(i, i % 2 == 0 ? 100 : 50))
                .toList();
        return new IdleGroup("idle", list, Runtime.getRuntime().availableProcessors(), 0);
    }

    @Override
    public int size() {
        return servers.size();
    }

    @Override
    public Server server(int index) {
        return servers.get(index);
    }

    @Override
    public int weight(int index) {
        return servers.get(index).weight();
    }
}
