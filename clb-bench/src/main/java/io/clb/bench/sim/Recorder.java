package io.clb.bench.sim;

import java.util.Arrays;
import java.util.List;

/** What is to be seen of a run: samples at even distances, and everything that happened between two moments, the time of trouble. */
final class Recorder {

    /** Samples of a run. */
    static final int SAMPLES = 120;

    private final List<SimServer> servers;
    private final long fromNanos;
    private final long toNanos;
    private final long sampleNanos;
    private final int[][] active;
    private final long[] p99 = new long[SAMPLES];
    private final long[] connectFailures = new long[SAMPLES];
    private final Durations sinceSample = new Durations();
    private final Durations inTrouble = new Durations();
    private final long[] seen = new long[ZipfClients.COUNT];
    private int samples;
    private int failed;
    private int failedConnects;
    private int failedConnectsBefore;

    Recorder(List<SimServer> servers, Scenario scenario) {
        this.servers = servers;
        this.fromNanos = scenario.fromNanos();
        this.toNanos = scenario.toNanos();
        this.sampleNanos = scenario.endNanos() / SAMPLES;
        this.active = new int[servers.size()][SAMPLES];
    }

    long sampleNanos() {
        return sampleNanos;
    }

    private boolean isTrouble(long nanos) {
        return nanos >= fromNanos && nanos < toNanos;
    }

    /** A request was put on a server, for the first time. */
    void picked(SimFlow flow) {
        seen[flow.client()] |= 1L << flow.server().slot();
    }

    void connectFailed() {
        failedConnects++;
    }

    void ended(SimFlow flow, long nowNanos, boolean success) {
        long nanos = nowNanos - flow.begunNanos();
        sinceSample.add(nanos);
        if (isTrouble(flow.begunNanos())) {
            inTrouble.add(nanos);
        }
        failed += success ? 0 : 1;
    }

    void sample() {
        if (samples < SAMPLES) {
            for (SimServer server : servers) {
                active[server.slot()][samples] = server.active();
            }
            p99[samples] = sinceSample.percentile(99);
            connectFailures[samples] = Math.round((failedConnects - failedConnectsBefore) * 1e9 / sampleNanos);
            samples++;
        }
        sinceSample.clear();
        failedConnectsBefore = failedConnects;
    }

    SimResult result(String scheduler, int troubled) {
        long others = Arrays.stream(seen)
                .filter(servers -> servers != 0 && (servers & 1L << troubled) == 0)
                .count();
        long moved = Arrays.stream(seen)
                .filter(servers -> (servers & 1L << troubled) == 0 && Long.bitCount(servers) > 1)
                .count();
        return new SimResult(
                scheduler,
                Arrays.stream(active).map(Samples::new).toList(),
                new Samples(p99),
                new Samples(connectFailures),
                inTrouble.percentile(50),
                inTrouble.percentile(99),
                failed,
                failedConnects,
                others,
                moved);
    }
}
