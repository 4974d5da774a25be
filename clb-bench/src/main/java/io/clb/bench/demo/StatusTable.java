package io.clb.bench.demo;

import static java.util.Locale.ROOT;

import io.clb.Snapshot;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/** Says each second how the machines are, and how the limit does. For the thread that plays only. */
final class StatusTable {

    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Stage stage;
    private final Crowds crowds;
    private final boolean byWeight;
    private final PrintWriter out;
    private final long startNanos = System.nanoTime();
    private String phase = "";
    private Snapshot.ServerGroup phaseStart;
    private Moment last;

    /**
     * Begins.
     *
     * @param byWeight false if the scheduler of the echo servers ignores weights
     */
    StatusTable(Stage stage, Crowds crowds, boolean byWeight, PrintWriter out) {
        this.stage = stage;
        this.crowds = crowds;
        this.byWeight = byWeight;
        this.out = out;
        this.last = Moment.now(stage, crowds);
        this.phaseStart = last.echo();
    }

    private Snapshot.ServerGroup echo() {
        return stage.lb().snapshot().serverGroup(Stage.ECHO);
    }

    /** Begins a phase: shares are counted from here. */
    void phase(String name) {
        phase = name;
        phaseStart = echo();
    }

    /** The shares since the phase began. */
    Shares shares() {
        return Shares.between(phaseStart, echo(), byWeight);
    }

    /** Says what happens now. */
    void act(String what, String... more) {
        out.printf(ROOT, "%n%5.1f s  >>> %s%n", seconds(System.nanoTime()), what);
        for (String line : more) {
            out.printf("             %s%n", line);
        }
        out.flush();
    }

    /** Prints the table if a second has gone by. */
    void tick() {
        if (System.nanoTime() - last.nanos() >= PERIOD_NANOS) {
            Moment now = Moment.now(stage, crowds);
            print(now);
            last = now;
        }
    }

    private void print(Moment now) {
        out.printf(
                ROOT,
                "%n%5.1f s  %s: TCP served %,.0f/s, lost %,d so far; HTTP with cookies served %,.0f/s, lost %,d so far%n",
                seconds(now.nanos()),
                phase,
                now.perSecond(last, Moment::echoServed),
                crowds.echo().lost(),
                now.perSecond(last, Moment::webServed),
                crowds.web().lost());
        out.printf(
                "        %-7s %5s  %-8s %6s %6s %6s %7s %6s %6s   %5s  %-8s %7s %6s %6s%n",
                "machine", "TCP", "state", "weight", "active", "conn/s", "share %", "due %", "errors", "HTTP", "state",
                "clients", "req/s", "errors");
        Shares shares = Shares.between(phaseStart, now.echo(), byWeight);
        for (Machine machine : stage.machines()) {
            out.printf(
                    "        %-7s %s   %s%n",
                    machine.name(),
                    echoPart(machine, now, shares.of(machine.echo().id())),
                    webPart(machine, now));
        }
        out.printf(
                ROOT,
                "        limit   this node's share is %s: asked %.0f/s, served %.0f/s, refused %.0f/s; lost %,d so far%n",
                crowds.share(),
                now.perSecond(last, moment -> moment.apiServed() + moment.apiRefused()),
                now.perSecond(last, Moment::apiServed),
                now.perSecond(last, Moment::apiRefused),
                crowds.api().lost());
        out.flush();
    }

    private String echoPart(Machine machine, Moment now, Shares.Row share) {
        String id = machine.echo().id();
        Snapshot.Server server = now.echo().server(id);
        return String.format(
                ROOT,
                "%5d  %-8s %6d %6d %,6.0f %7.1f %6.1f %6d",
                machine.echo().port(),
                stateOf(server),
                server.weight(),
                server.active(),
                now.perSecond(last, moment -> moment.echo().server(id).connections()),
                share.taken(),
                share.due(),
                now.since(last, moment -> errors(moment.echo().server(id))));
    }

    private String webPart(Machine machine, Moment now) {
        String id = machine.web().id();
        return String.format(
                ROOT,
                "%5d  %-8s %7d %,6.0f %6d",
                machine.web().port(),
                stateOf(now.web().server(id)),
                crowds.browsersOn(machine),
                now.perSecond(last, moment -> moment.answers().getOrDefault(machine, 0L)),
                now.since(last, moment -> errors(moment.web().server(id))));
    }

    private static String stateOf(Snapshot.Server server) {
        return server.state().name().toLowerCase(ROOT);
    }

    private static long errors(Snapshot.Server server) {
        return server.connectFailures() + server.resets();
    }

    private double seconds(long nanos) {
        return (nanos - startNanos) / 1e9;
    }
}
