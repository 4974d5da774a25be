package io.clb.bench.sim;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What happens to the servers.
 *
 * @param name the picture's file name without its ending
 * @param title what happens, in one line
 * @param servers how many there are
 * @param troubled the slot of the one that it happens to
 * @param requestsPerSecond how many requests come, all servers together
 * @param fromNanos when the trouble begins
 * @param toNanos when it is over
 * @param endNanos when the run ends
 * @param script sets the events
 */
record Scenario(
        String name,
        String title,
        int servers,
        int troubled,
        double requestsPerSecond,
        long fromNanos,
        long toNanos,
        long endNanos,
        Consumer<Simulation> script) {

    private static final int SERVERS = 8;

    /** Not the first nor the last of the ids. */
    private static final int TROUBLED = 3;

    private static final double SLOW = 10;
    private static final double COLD = 5;
    private static final int WARM_SECONDS = 60;

    /** The engine lets a weight rise in tenths of the window. */
    private static final int SLOW_START_STEPS = 10;

    private static final double LOAD = 0.55;

    /** One server of eight becomes ten times slower, and fast again; it never fails a check. */
    static Scenario slowServer() {
        return of(
                "slow-server", "One of eight servers is 10 times slower from 20 s to 40 s", 20, 40, 60, simulation -> {
                    SimServer server = troubled(simulation);
                    simulation.time().at(seconds(20), () -> server.slowness(SLOW));
                    simulation.time().at(seconds(40), () -> server.slowness(1));
                });
    }

    /** An eighth server joins seven, with nothing in its caches. */
    static Scenario coldServer() {
        return of(
                "cold-server",
                "A server joins at 10 s, 5 times slower at first, warm after 60 s",
                10,
                70,
                90,
                simulation -> join(simulation, false));
    }

    /** The same, its weight in force rising as it warms. */
    static Scenario coldServerWithSlowStart() {
        return of(
                "cold-server-slow-start",
                "A server joins at 10 s, 5 times slower at first, warm after 60 s; slow start of 60 s",
                10,
                70,
                90,
                simulation -> join(simulation, true));
    }

    /** A server dies and comes back every ten seconds; checks, one each second, find out after two. */
    static Scenario flappingServer() {
        return of("flapping-server", "A server is dead for 4 s of every 10 s, from 10 s on", 10, 50, 60, simulation -> {
            SimServer server = troubled(simulation);
            HealthChecks checks =
                    new HealthChecks(simulation.servers(), changed -> simulation.setIn(changed, changed.isAlive()));
            simulation.time().every(seconds(1), checks::probe);
            for (int at = 10; at < 50; at += 10) {
                // Between two probes, as it happens.
                simulation.time().at(seconds(at) + seconds(1) / 3, () -> simulation.die(server));
                simulation.time().at(seconds(at + 4) + seconds(1) / 3, server::revive);
            }
        });
    }

    /** All of them. */
    static List<Scenario> all() {
        return List.of(slowServer(), coldServer(), coldServerWithSlowStart(), flappingServer());
    }

    private static Scenario of(String name, String title, int from, int to, int end, Consumer<Simulation> script) {
        return new Scenario(
                name,
                title,
                SERVERS,
                TROUBLED,
                LOAD * SERVERS * SimServer.capacity(),
                seconds(from),
                seconds(to),
                seconds(end),
                script);
    }

    private static void join(Simulation simulation, boolean slowStart) {
        SimServer server = troubled(simulation);
        simulation.setIn(server, false);
        simulation.time().at(seconds(10), () -> simulation.setIn(server, true));
        for (int tenth = 0; tenth <= WARM_SECONDS * 10; tenth++) {
            double progress = tenth / (WARM_SECONDS * 10.0);
            simulation
                    .time()
                    .at(seconds(10) + tenth * seconds(1) / 10, () -> server.slowness(COLD - (COLD - 1) * progress));
        }
        if (slowStart) {
            for (int step = 0; step <= SLOW_START_STEPS; step++) {
                double progress = (double) step / SLOW_START_STEPS;
                int inForce = Math.max(1, (int) Math.ceil(SimServer.WEIGHT * progress));
                simulation
                        .time()
                        .at(
                                seconds(10) + step * seconds(WARM_SECONDS) / SLOW_START_STEPS,
                                () -> simulation.setWeight(server, inForce));
            }
        }
    }

    private static SimServer troubled(Simulation simulation) {
        return simulation.servers().get(TROUBLED);
    }

    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
