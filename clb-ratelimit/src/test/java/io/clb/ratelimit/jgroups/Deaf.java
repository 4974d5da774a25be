package io.clb.ratelimit.jgroups;

import io.clb.spi.ClusterTransport;

/** A receiver that does nothing. */
public final class Deaf implements ClusterTransport.Receiver {

    @Override
    public void received(byte[] message) {}

    @Override
    public void connected() {}

    @Override
    public void disconnected(String why) {}
}
