package io.clb.bench.demo;

import io.clb.Snapshot;
import io.clb.spi.ServerState;
import java.util.List;

/**
 * How new connections were dealt between two snapshots, beside how they should have been.
 *
 * @param rows one for each server, in the order of their ids
 */
record Shares(List<Row> rows) {

    /**
     * A server's part, in percent.
     *
     * @param id the server
     * @param taken of the connections that servers accepted
     * @param due by weight, or by number where the scheduler ignores weights; 0 for a server that is down
     */
    record Row(String id, double taken, double due) {}

    /**
     * Reads two snapshots of a group whose weights and states were the same all the time between them.
     *
     * @param byWeight false if the scheduler ignores weights
     */
    static Shares between(Snapshot.ServerGroup before, Snapshot.ServerGroup after, boolean byWeight) {
        long connections = after.servers().stream()
                .mapToLong(server -> taken(before, server))
                .sum();
        long weights = after.servers().stream()
                .mapToLong(server -> due(server, byWeight))
                .sum();
        return new Shares(after.servers().stream()
                .map(server -> new Row(
                        server.id(),
                        percent(taken(before, server), connections),
                        percent(due(server, byWeight), weights)))
                .toList());
    }

    private static long taken(Snapshot.ServerGroup before, Snapshot.Server server) {
        return server.connections() - before.server(server.id()).connections();
    }

    private static int due(Snapshot.Server server, boolean byWeight) {
        boolean takesPart = server.state() == ServerState.UP || server.state() == ServerState.CHECKING;
        return takesPart ? (byWeight ? server.weight() : Integer.signum(server.weight())) : 0;
    }

    private static double percent(long part, long whole) {
        return whole == 0 ? 0 : 100.0 * part / whole;
    }

    Row of(String id) {
        return rows.stream().filter(row -> row.id.equals(id)).findFirst().orElseThrow();
    }

    /** The smallest part of its due that a server got, 1 being all of it. */
    double leastPart() {
        return rows.stream()
                .filter(row -> row.due > 0)
                .mapToDouble(row -> row.taken / row.due)
                .min()
                .orElse(1);
    }

    /** The largest distance of a server from its due, in percentage points. */
    double distance() {
        return rows.stream()
                .mapToDouble(row -> Math.abs(row.taken - row.due))
                .max()
                .orElse(0);
    }
}
