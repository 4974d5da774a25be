package io.clb.bench.demo;

import io.clb.LoadBalancer;
import io.clb.Snapshot;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Says each second how the servers are. For the thread that plays only. */
final class StatusTable {

    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LoadBalancer lb;
    private final List<EchoServer> servers;
    private final Clients clients;
    private final boolean byWeight;
    private final PrintWriter out;
    private final long startNanos = System.nanoTime();
    private String phase = "";
    private Snapshot.ServerGroup phaseStart;
    private Snapshot.ServerGroup last;
    private long lastServed;
    private long lastNanos = startNanos;

    StatusTable(LoadBalancer lb, List<EchoServer> servers, Clients clients, boolean byWeight, PrintWriter out) {
        this.lb = lb;
        this.servers = servers;
        this.clients = clients;
        this.byWeight = byWeight;
        this.out = out;
        this.last = group();
        this.phaseStart = last;
    }

    private Snapshot.ServerGroup group() {
        return lb.snapshot().serverGroup(Demo.GROUP);
    }

    /** Begins a phase: shares are counted from here. */
    void phase(String name) {
        phase = name;
        phaseStart = group();
    }

    /** The shares since the phase began. */
    Shares shares() {
        return Shares.between(phaseStart, group(), byWeight);
    }

    /** Says what happens now. */
    void act(String what) {
        out.printf(Locale.ROOT, "%n%5.1f s  >>> %s%n", seconds(System.nanoTime() - startNanos), what);
        out.flush();
    }

    /** Prints the table if a second has gone by. */
    void tick() {
        long now = System.nanoTime();
        if (now - lastNanos >= PERIOD_NANOS) {
            print(now, seconds(now - lastNanos));
        }
    }

    private void print(long now, double elapsed) {
        Snapshot.ServerGroup group = group();
        Shares shares = Shares.between(phaseStart, group, byWeight);
        long served = clients.served();
        out.printf(
                Locale.ROOT,
                "%n%5.1f s  %s: clients served %,.0f/s, lost %,d so far%n",
                seconds(now - startNanos),
                phase,
                (served - lastServed) / elapsed,
                clients.lost());
        out.printf(
                "        %-18s %-9s %6s %7s %8s %8s %7s %7s%n",
                "server", "state", "weight", "active", "conn/s", "share %", "due %", "errors");
        for (EchoServer server : servers) {
            Snapshot.Server is = group.server(server.id());
            Snapshot.Server was = last.server(server.id());
            Shares.Row row = shares.of(server.id());
            out.printf(
                    Locale.ROOT,
                    "        %-18s %-9s %6d %7d %,8.0f %8.1f %7.1f %7d%n",
                    server,
                    is.state().name().toLowerCase(Locale.ROOT),
                    is.weight(),
                    is.active(),
                    (is.connections() - was.connections()) / elapsed,
                    row.taken(),
                    row.due(),
                    errors(is) - errors(was));
        }
        out.flush();
        last = group;
        lastServed = served;
        lastNanos = now;
    }

    private static long errors(Snapshot.Server server) {
        return server.connectFailures() + server.resets();
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }
}
