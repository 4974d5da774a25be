package io.clb.l4.tcp;

import io.clb.ListenerConfig;
import io.clb.engine.ListenerPlan;
import io.clb.engine.Loop;
import io.clb.engine.Origin;
import io.clb.engine.Protocol;
import io.clb.engine.Traffic;
import io.netty.channel.socket.SocketChannel;

/** TCP listeners: each connection of a client becomes one to a server. Found by the engine through the service loader. */
public final class TcpProtocol implements Protocol {

    /** For the service loader. */
    public TcpProtocol() {}

    @Override
    public ListenerConfig.Protocol kind() {
        return ListenerConfig.Protocol.TCP;
    }

    @Override
    public void accepted(SocketChannel client, Origin origin, ListenerPlan plan, Loop loop, Traffic traffic) {
        if (plan.filters() == null) {
            new TcpConnection(origin, plan, loop, traffic).begin(client, plan);
        } else {
            new ScreenedConnection(client, origin, plan, loop, traffic).begin();
        }
    }
}
