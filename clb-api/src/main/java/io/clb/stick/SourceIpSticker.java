package io.clb.stick;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Server;
import io.clb.spi.SessionSticker;
import io.clb.table.ServersBySlot;
import io.clb.table.SlotTable;
import org.jspecify.annotations.Nullable;

/** A view of the table of addresses through the servers that may take new flows now. */
final class SourceIpSticker implements SessionSticker {

    private final SlotTable table;
    private final ServersBySlot servers;

    SourceIpSticker(SlotTable table, GroupView eligible) {
        this.table = table;
        this.servers = new ServersBySlot(eligible);
    }

    SlotTable table() {
        return table;
    }

    @Override
    public @Nullable Server recall(Flow flow, long nowNanos) {
        return servers.find(table.find(flow.sourceHigh(), flow.sourceLow(), nowNanos), flow);
    }

    @Override
    public void remember(Flow flow, Server server, long nowNanos) {
        table.put(flow.sourceHigh(), flow.sourceLow(), server.slot(), nowNanos);
    }

    @Override
    public void ended(Flow flow, Server server, long nowNanos) {
        table.refresh(flow.sourceHigh(), flow.sourceLow(), server.slot(), nowNanos);
    }

    @Override
    public long forgotten() {
        return table.forgotten();
    }
}
