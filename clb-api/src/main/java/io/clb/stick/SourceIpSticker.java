package io.clb.stick;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Server;
import io.clb.spi.SessionSticker;
import org.jspecify.annotations.Nullable;

/** A view of the sticky table through the servers that may take new flows now. */
final class SourceIpSticker implements SessionSticker {

    private final StickyTable table;
    private final @Nullable Server[] bySlot;

    SourceIpSticker(StickyTable table, GroupView eligible) {
        this.table = table;
        int slots = 0;
        for (int i = 0; i < eligible.size(); i++) {
            slots = Math.max(slots, eligible.server(i).slot() + 1);
        }
        bySlot = new Server[slots];
        for (int i = 0; i < eligible.size(); i++) {
            if (eligible.weight(i) > 0) {
                bySlot[eligible.server(i).slot()] = eligible.server(i);
            }
        }
    }

    StickyTable table() {
        return table;
    }

    @Override
    public @Nullable Server recall(Flow flow, long nowNanos) {
        int slot = table.find(flow.sourceHigh(), flow.sourceLow(), nowNanos);
        if (slot < 0 || slot >= bySlot.length) {
            return null;
        }
        Server server = bySlot[slot];
        return server == null || flow.tried(server) ? null : server;
    }

    @Override
    public void remember(Flow flow, Server server, long nowNanos) {
        table.put(flow.sourceHigh(), flow.sourceLow(), server.slot(), nowNanos);
    }

    @Override
    public void ended(Flow flow, Server server, long nowNanos) {
        table.refresh(flow.sourceHigh(), flow.sourceLow(), server.slot(), nowNanos);
    }
}
