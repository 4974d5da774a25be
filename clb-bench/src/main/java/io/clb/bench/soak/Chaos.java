package io.clb.bench.soak;

import io.clb.AccessControl;
import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.schedule.Schedulers;
import io.clb.spi.SchedulerFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** One fault or update after another, at random, until its time is over. The first server of each group is left alone, so that there is always one. */
final class Chaos {

    private static final String TCP = "tcp";
    private static final String UDP = "udp";
    private static final String EXTRA = "extra";
    private static final int LONGEST_PAUSE_MILLIS = 200;
    private static final int MOST_BLOCKS = 1_000;
    private static final List<SchedulerFactory> OF_BOTH = List.of(
            Schedulers.weightedRoundRobin(),
            Schedulers.roundRobin(),
            Schedulers.weightedLeastConnections(),
            Schedulers.sourceHash(),
            Schedulers.fourTupleHash(),
            Schedulers.powerOfTwoChoices());

    private final LoadBalancer lb;
    private final List<FaultyServer> tcpServers;
    private final List<UdpEcho> udpServers;
    private final Random random;
    private int faults;
    private int updates;

    Chaos(LoadBalancer lb, List<FaultyServer> tcpServers, List<UdpEcho> udpServers, long seed) {
        this.lb = lb;
        this.tcpServers = tcpServers;
        this.udpServers = udpServers;
        this.random = new Random(seed);
    }

    /** Goes on for so long, and then mends all. */
    void run(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (end - System.nanoTime() > 0) {
            if (random.nextBoolean()) {
                fault();
                faults++;
            } else {
                lb.update(change());
                updates++;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(LONGEST_PAUSE_MILLIS)));
        }
        calm();
    }

    int faults() {
        return faults;
    }

    int updates() {
        return updates;
    }

    private void calm() {
        tcpServers.forEach(FaultyServer::start);
        udpServers.forEach(UdpEcho::start);
        lb.update(c -> {
            for (String group : List.of(TCP, UDP)) {
                c.serverGroup(
                        group,
                        g -> all(group)
                                .forEach(server -> g.server(
                                                server, s -> s.weight(100).maxConnections(0))
                                        .maintenance(server, false)));
                c.listener(group, l -> l.access(AccessControl.none()));
            }
        });
    }

    private void fault() {
        FaultyServer server = tcpServers.get(1 + random.nextInt(tcpServers.size() - 1));
        UdpEcho udp = udpServers.get(1 + random.nextInt(udpServers.size() - 1));
        switch (random.nextInt(8)) {
            case 0 -> server.stop();
            case 1, 2, 3 -> server.start();
            case 4 -> server.mode(FaultyServer.Mode.RESET);
            case 5 -> server.mode(FaultyServer.Mode.SILENT);
            case 6 -> udp.stop();
            default -> {
                tcpServers.get(0).resetAll();
                udpServers.forEach(UdpEcho::start);
            }
        }
    }

    private List<String> all(String group) {
        return group.equals(TCP)
                ? tcpServers.stream().map(FaultyServer::id).toList()
                : udpServers.stream().map(UdpEcho::id).toList();
    }

    private Consumer<Config.Builder> change() {
        String group = random.nextBoolean() ? TCP : UDP;
        List<String> servers = all(group);
        String server = servers.get(1 + random.nextInt(servers.size() - 1));
        return switch (random.nextInt(8)) {
            case 0 -> c -> c.serverGroup(group, g -> g.server(server, s -> s.weight(random.nextInt(101))));
            case 1 -> c -> c.serverGroup(group, g -> g.server(server).removeServer(server));
            case 2 -> c -> c.serverGroup(group, g -> servers.forEach(g::server));
            case 3 -> c -> c.serverGroup(group, g -> g.server(server).maintenance(server, random.nextBoolean()));
            case 4 -> c -> c.serverGroup(group, g -> g.server(server).drain(server));
            case 5 ->
                c -> c.listener(group, l -> l.access(denied()))
                        .serverGroup(group, g -> g.scheduler(OF_BOTH.get(random.nextInt(OF_BOTH.size()))));
            case 6 -> c -> c.serverGroup(group, g -> g.server(server, s -> s.maxConnections(random.nextInt(5))));
            default -> this::extra;
        };
    }

    /** A listener comes, and goes with the next call. */
    private void extra(Config.Builder config) {
        if (lb.config().listeners().containsKey(EXTRA)) {
            config.removeListener(EXTRA);
        } else {
            config.listener(EXTRA, l -> l.tcp(0).bind("127.0.0.1").forwardTo(TCP));
        }
    }

    /** One of the clients' addresses, and many that are nobody's. */
    private AccessControl denied() {
        List<String> blocks = new ArrayList<>();
        blocks.add("127.0.0." + Client.ADDRESSES);
        for (int i = random.nextInt(MOST_BLOCKS); i > 0; i--) {
            blocks.add("10." + random.nextInt(256) + "." + random.nextInt(256) + ".0/24");
        }
        return AccessControl.deny(blocks);
    }
}
