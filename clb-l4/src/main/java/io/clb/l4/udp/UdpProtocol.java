package io.clb.l4.udp;

import io.clb.ListenerConfig;
import io.clb.engine.DatagramAcceptor;
import io.clb.engine.DatagramFlow;
import io.clb.engine.FirstDatagram;
import io.clb.engine.ListenerPlan;
import io.clb.engine.Loop;
import io.clb.engine.Origin;
import io.clb.engine.Protocol;
import io.clb.engine.Traffic;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/** UDP listeners: the datagrams of a client become those of a socket of its own to a server. Found by the engine through the service loader. */
public final class UdpProtocol implements Protocol {

    /** For the service loader. */
    public UdpProtocol() {}

    @Override
    public ListenerConfig.Protocol kind() {
        return ListenerConfig.Protocol.UDP;
    }

    @Override
    public void accepted(SocketChannel client, Origin origin, ListenerPlan plan, Loop loop, Traffic traffic) {
        throw new AssertionError("UDP has no connections");
    }

    @Override
    public @Nullable DatagramFlow associated(
            FirstDatagram first, DatagramAcceptor socket, ListenerPlan plan, Loop loop, Traffic traffic) {
        UdpAssociation association = new UdpAssociation(first, socket, plan, loop, traffic);
        return association.begin(plan) ? association : null;
    }
}
