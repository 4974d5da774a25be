package io.clb.bench.sim;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Probes that find out late: so many verdicts in a row against what is believed, and it is believed no more. */
final class HealthChecks {

    static final int FALL = 2;
    static final int RISE = 2;

    private final List<SimServer> servers;
    private final Consumer<SimServer> onChange;
    private final boolean[] up;
    private final int[] against;

    /**
     * Believes that all are up.
     *
     * @param onChange is told of each server that is believed to be up or down now
     */
    HealthChecks(List<SimServer> servers, Consumer<SimServer> onChange) {
        this.servers = servers;
        this.onChange = onChange;
        this.up = new boolean[servers.size()];
        this.against = new int[servers.size()];
        Arrays.fill(up, true);
    }

    boolean isUp(SimServer server) {
        return up[server.slot()];
    }

    /** Probes each server once. */
    void probe() {
        for (SimServer server : servers) {
            int slot = server.slot();
            against[slot] = server.isAlive() == up[slot] ? 0 : against[slot] + 1;
            if (against[slot] >= (up[slot] ? FALL : RISE)) {
                up[slot] = !up[slot];
                against[slot] = 0;
                onChange.accept(server);
            }
        }
    }
}
