package io.clb.bench.demo;

import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.spi.ServerState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * The plot: all serve; one server dies; it comes back; a weight changes. Each act waits for what it is about, and each phase between them for
 * enough connections to judge.
 */
final class Acts {

    /** Connections in each steady phase at least, and for few clients, who are slow, at least for each: fewer would not show shares to a point. */
    private static final int ENOUGH = 2_000;

    private static final int ENOUGH_PER_CLIENT = 250;

    /** No rotation here is longer: so many picks without a server, after those under way, tell that it is out of the rotation. */
    private static final int ROTATION = 20;

    /** Who waits for so long has found a fault. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final long LOOK_MILLIS = 5;
    private static final int NEW_WEIGHT = 100;

    private final LoadBalancer lb;
    private final EchoServer mortal;
    private final EchoServer lightest;
    private final Clients clients;
    private final StatusTable table;
    private final long phaseNanos;
    private final Map<String, Double> distances = new LinkedHashMap<>();

    /**
     * Casts the parts.
     *
     * @param servers three, of falling weight
     * @param phaseNanos how long each steady phase takes at least
     */
    Acts(LoadBalancer lb, List<EchoServer> servers, Clients clients, StatusTable table, long phaseNanos) {
        this.lb = lb;
        this.mortal = servers.get(1);
        this.lightest = servers.get(2);
        this.clients = clients;
        this.table = table;
        this.phaseNanos = phaseNanos;
    }

    /** For each steady phase the largest distance from what is due. */
    Map<String, Double> distances() {
        return distances;
    }

    /**
     * Plays.
     *
     * @return when the server was dead
     * @throws TimeoutException if something that should happen did not
     */
    Verdict.Death play() throws InterruptedException, TimeoutException {
        table.phase("starting");
        until(
                "all servers are up",
                () -> group().servers().stream().allMatch(server -> server.state() == ServerState.UP));
        steady("all serve");
        long killed = System.nanoTime();
        kill();
        steady(mortal.name() + " is dead");
        long revived = System.nanoTime();
        revive();
        steady(mortal.name() + " is back");
        reweigh();
        steady(lightest.name() + " weighs " + NEW_WEIGHT);
        return new Verdict.Death(mortal.id(), killed, revived);
    }

    private void kill() throws InterruptedException, TimeoutException {
        long refusedBefore = on(mortal).connectFailures();
        long start = System.nanoTime();
        int open = mortal.kill();
        table.act("killed server %s: it stopped listening and reset the %d connections it had accepted"
                .formatted(mortal, open));
        table.phase(mortal.name() + " dies");
        until(mortal + " is down", () -> on(mortal).state() == ServerState.DOWN);
        long noticed = millisSince(start);
        awaitPassedBy();
        table.act(
                "%s is down, noticed after %d ms: %s; meanwhile %d connections found it dead and went on to the next server"
                        .formatted(
                                mortal.name(),
                                noticed,
                                on(mortal).why(),
                                on(mortal).connectFailures() - refusedBefore));
    }

    private void revive() throws InterruptedException, TimeoutException {
        long connectionsBefore = on(mortal).connections();
        long start = System.nanoTime();
        mortal.revive();
        table.act("revived server %s: it listens again on the same port".formatted(mortal));
        table.phase(mortal.name() + " returns");
        until(mortal + " takes connections", () -> on(mortal).connections() > connectionsBefore);
        table.act("%s is up, and took its first connection after %d ms".formatted(mortal.name(), millisSince(start)));
    }

    private void reweigh() {
        int before = on(lightest).weight();
        long start = System.nanoTime();
        lb.update(c -> c.serverGroup(Demo.GROUP, g -> g.server(lightest.id(), s -> s.weight(NEW_WEIGHT))));
        table.act("changed the weight of server %s from %d to %d with lb.update, in force after %d ms"
                .formatted(lightest, before, NEW_WEIGHT, millisSince(start)));
    }

    /** A phase in which nothing happens but traffic, and shares are judged. */
    private void steady(String name) throws InterruptedException, TimeoutException {
        table.phase(name);
        awaitConnections(underWay());
        table.phase(name);
        long end = System.nanoTime() + phaseNanos;
        long enough = ended() + Math.min(ENOUGH, (long) ENOUGH_PER_CLIENT * clients.count());
        until(name + " for long enough", () -> System.nanoTime() - end >= 0 && ended() >= enough);
        distances.put(name, table.shares().distance());
    }

    private void awaitPassedBy() throws InterruptedException, TimeoutException {
        long tries;
        do {
            tries = tries();
            awaitConnections(underWay() + ROTATION);
        } while (tries != tries());
    }

    /** So many connections later, those of now have ended: each client has one at a time. Twice, as some clients are faster than others. */
    private long underWay() {
        return 2L * clients.count();
    }

    private long tries() {
        return on(mortal).connections() + on(mortal).connectFailures();
    }

    private void awaitConnections(long more) throws InterruptedException, TimeoutException {
        long enough = ended() + more;
        until(more + " more connections", () -> ended() >= enough);
    }

    private long ended() {
        return clients.served() + clients.lost();
    }

    private Snapshot.ServerGroup group() {
        return lb.snapshot().serverGroup(Demo.GROUP);
    }

    private Snapshot.Server on(EchoServer server) {
        return group().server(server.id());
    }

    private void until(String what, BooleanSupplier condition) throws InterruptedException, TimeoutException {
        long last = System.nanoTime() + phaseNanos + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - last > 0) {
                throw new TimeoutException("waited in vain until " + what);
            }
            table.tick();
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }
}
