package io.clb.table;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Server;
import org.jspecify.annotations.Nullable;

/** The servers that may take new flows now, by their slots: through it a {@link SlotTable} is read, which may know others. Immutable. */
public final class ServersBySlot {

    private final @Nullable Server[] servers;

    /**
     * Sorts in those that have weight.
     *
     * @param eligible the group
     */
    public ServersBySlot(GroupView eligible) {
        int slots = 0;
        for (int i = 0; i < eligible.size(); i++) {
            slots = Math.max(slots, eligible.server(i).slot() + 1);
        }
        servers = new Server[slots];
        for (int i = 0; i < eligible.size(); i++) {
            if (eligible.weight(i) > 0) {
                servers[eligible.server(i).slot()] = eligible.server(i);
            }
        }
    }

    /**
     * Finds the server of a slot for a flow.
     *
     * @param slot a slot, or -1 for none
     * @param flow the flow
     * @return the server; null if none that may take new flows has the slot, or the flow tried it
     */
    public @Nullable Server find(int slot, Flow flow) {
        Server server = slot >= 0 && slot < servers.length ? servers[slot] : null;
        return server == null || flow.tried(server) ? null : server;
    }
}
