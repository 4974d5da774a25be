package io.clb.bench.micro;

import io.clb.spi.Flow;
import io.clb.spi.Server;

/** A flow that has tried no server yet. */
record NewFlow(
        int loop,
        String listener,
        long sourceHigh,
        long sourceLow,
        int sourcePort,
        long destinationHigh,
        long destinationLow,
        int destinationPort)
        implements Flow {

    static NewFlow first() {
        return new NewFlow(0, "bench", 0, 0xffff_0a00_0001L, 40_000, 0, 0xffff_0a00_0002L, 80);
    }

    @Override
    public boolean tried(Server server) {
        return false;
    }
}
