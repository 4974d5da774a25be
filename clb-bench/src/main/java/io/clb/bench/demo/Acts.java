package io.clb.bench.demo;

import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.spi.ServerState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * The plot: all serve; one machine dies; it comes back; a weight changes. Each act waits for what it is about, and each phase between them for
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

    /** So that the machine that comes back has some again: who went elsewhere stays there. */
    private static final int NEW_BROWSERS = 6;

    private final LoadBalancer lb;
    private final Machine mortal;
    private final Machine lightest;
    private final Crowds crowds;
    private final Clients clients;
    private final StatusTable table;
    private final long phaseNanos;
    private final List<Steady> phases = new ArrayList<>();

    /**
     * Casts the parts.
     *
     * @param phaseNanos how long each steady phase takes at least
     */
    Acts(Stage stage, Crowds crowds, StatusTable table, long phaseNanos) {
        this.lb = stage.lb();
        this.mortal = stage.machines().get(1);
        this.lightest = stage.machines().get(2);
        this.crowds = crowds;
        this.clients = crowds.echo();
        this.table = table;
        this.phaseNanos = phaseNanos;
    }

    /** The steady phases so far, in order. */
    List<Steady> phases() {
        return phases;
    }

    /** The machine whose weight changes. */
    Machine lightest() {
        return lightest;
    }

    /**
     * Plays.
     *
     * @return when the machine was dead
     * @throws TimeoutException if something that should happen did not
     */
    Death play() throws InterruptedException, TimeoutException {
        table.phase("starting");
        until(
                "all servers are up",
                () -> lb.snapshot().serverGroups().stream()
                        .flatMap(group -> group.servers().stream())
                        .allMatch(server -> server.state() == ServerState.UP));
        steady("all serve");
        long killed = System.nanoTime();
        kill();
        steady(mortal.name() + " is dead");
        long revived = System.nanoTime();
        revive();
        steady(mortal.name() + " is back");
        reweigh();
        steady(lightest.name() + " weighs " + NEW_WEIGHT);
        return new Death(mortal, killed, revived);
    }

    private void kill() throws InterruptedException, TimeoutException {
        long refusedBefore = echo(mortal).connectFailures();
        long refusedBeforeOnWeb = web(mortal).connectFailures();
        long browsers = crowds.browsersOn(mortal);
        long start = System.nanoTime();
        int open = mortal.kill();
        table.act("killed machine %s: its two servers stopped listening and reset the %d connections they had accepted"
                .formatted(mortal.name(), open));
        table.phase(mortal.name() + " dies");
        until(mortal.name() + " is down", () -> areIn(ServerState.DOWN));
        long noticed = millisSince(start);
        awaitPassedBy();
        table.act(
                "%s is down, noticed by both health checks after %d ms: %s"
                        .formatted(mortal.name(), noticed, echo(mortal).why()),
                "%,d TCP and %,d HTTP connects found it dead and went on to another machine"
                        .formatted(
                                echo(mortal).connectFailures() - refusedBefore,
                                web(mortal).connectFailures() - refusedBeforeOnWeb),
                "its %d clients with a cookie moved".formatted(browsers));
    }

    private void revive() throws InterruptedException, TimeoutException {
        long echoBefore = echo(mortal).connections();
        long webBefore = web(mortal).connections();
        long start = System.nanoTime();
        mortal.revive();
        table.act("revived machine %s: its servers listen again, on the same ports".formatted(mortal.name()));
        table.phase(mortal.name() + " returns");
        until(mortal.name() + " is up", () -> areIn(ServerState.UP));
        // Not every scheduler promises that it takes TCP connections.
        long enough = ended() + enough();
        until(
                mortal.name() + " takes connections",
                () -> web(mortal).connections() > webBefore
                        && (echo(mortal).connections() > echoBefore || ended() >= enough));
        boolean both = echo(mortal).connections() > echoBefore;
        long took = millisSince(start);
        crowds.web().add(NEW_BROWSERS);
        table.act(
                "%s is up, and took its first %s after %d ms"
                        .formatted(
                                mortal.name(),
                                both ? "TCP and HTTP connections" : "HTTP connections, but no TCP",
                                took),
                "%d new HTTP clients come, without a cookie, and are dealt to all machines; the others stay where they are"
                        .formatted(NEW_BROWSERS));
    }

    private void reweigh() {
        int before = echo(lightest).weight();
        long start = System.nanoTime();
        lb.update(c -> c.serverGroup(Stage.ECHO, g -> g.server(lightest.echo().id(), s -> s.weight(NEW_WEIGHT))));
        table.act("changed the weight of the echo server on %s from %d to %d with lb.update, in force after %d ms"
                .formatted(lightest.name(), before, NEW_WEIGHT, millisSince(start)));
    }

    /** A phase in which nothing happens but traffic, and shares are judged. */
    private void steady(String name) throws InterruptedException, TimeoutException {
        table.phase(name);
        awaitConnections(underWay());
        table.phase(name);
        Homes.Phase homes = crowds.homes().begin();
        long end = System.nanoTime() + phaseNanos;
        long enough = ended() + enough();
        until(name + " for long enough", () -> System.nanoTime() - end >= 0 && ended() >= enough);
        crowds.homes().end();
        phases.add(new Steady(name, table.shares(), homes));
    }

    /** So many connections show how the scheduler deals them. */
    private long enough() {
        return Math.min(ENOUGH, (long) ENOUGH_PER_CLIENT * clients.count());
    }

    /** Returns when no client comes to the dead machine any more, whatever it was told before. */
    private void awaitPassedBy() throws InterruptedException, TimeoutException {
        long tries;
        do {
            tries = tries();
            awaitConnections(underWay() + ROTATION);
        } while (tries != tries());
        until("no client with a cookie is on " + mortal.name(), () -> crowds.browsersOn(mortal) == 0);
    }

    /** So many connections later, those of now have ended: each client has one at a time. Twice, as some clients are faster than others. */
    private long underWay() {
        return 2L * clients.count();
    }

    private long tries() {
        return echo(mortal).connections() + echo(mortal).connectFailures();
    }

    private void awaitConnections(long more) throws InterruptedException, TimeoutException {
        long enough = ended() + more;
        until(more + " more connections", () -> ended() >= enough);
    }

    private long ended() {
        return clients.served() + clients.lost();
    }

    private Snapshot.Server echo(Machine machine) {
        return lb.snapshot().serverGroup(Stage.ECHO).server(machine.echo().id());
    }

    private Snapshot.Server web(Machine machine) {
        return lb.snapshot().serverGroup(Stage.WEB).server(machine.web().id());
    }

    /** Whether both servers of the mortal are in this state. */
    private boolean areIn(ServerState state) {
        return echo(mortal).state() == state && web(mortal).state() == state;
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
