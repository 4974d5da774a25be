package io.clb.engine;

import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handler of a listening datagram socket: brings each datagram to the association of its client, has the gate judge clients that have none, and sends the
 * answers. Confined to the socket's loop, on which all its associations live.
 */
public final class DatagramAcceptor extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(DatagramAcceptor.class);

    private final Gate gate;
    private final Binding binding;
    private final Loop loop;
    private final DatagramChannel socket;
    private final Replies replies;
    private final Associations associations;

    DatagramAcceptor(Gate gate, Binding binding, Loop loop, DatagramChannel socket, Replies replies) {
        this.gate = gate;
        this.binding = binding;
        this.loop = loop;
        this.socket = socket;
        this.replies = replies;
        this.associations = new Associations(ThreadLocalRandom.current().nextLong());
    }

    Binding binding() {
        return binding;
    }

    InetSocketAddress address() {
        return socket.localAddress();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        InetSocketAddress client = packet.sender();
        DatagramFlow flow = associations.find(client);
        if (flow != null && flow.runListener().isRemoved()) {
            // The socket has passed to another listener of the same address.
            flow.abort(Reason.LISTENER_REMOVED);
            flow = null;
        }
        DatagramHeaders headers = flow == null ? null : flow.headers();
        if (flow != null && headers != null) {
            DatagramHeaders.Next next = headers.next(packet.content());
            if (next == DatagramHeaders.Next.MALFORMED) {
                flow.countDropped(Reason.PROXY_HEADER_MALFORMED);
                packet.release();
                return;
            }
            if (next == DatagramHeaders.Next.OTHER) {
                flow.abort(Reason.COMPLETED);
                flow = null;
            }
        }
        if (flow == null) {
            flow = gate.arrive(client, packet.content(), this, loop);
            if (flow == null) {
                packet.release();
                return;
            }
            associations.add(flow);
        }
        flow.fromClient(packet.content());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        loop.row().flush();
    }

    /** Brings a datagram to another association of its client, as that which took it has ended; that is begun if need be. */
    void again(FirstDatagram datagram) {
        DatagramFlow flow = associations.find(datagram.sender());
        if (flow == null) {
            flow = gate.arriveAgain(datagram, this, loop);
            if (flow == null) {
                datagram.payload().release();
                return;
            }
            associations.add(flow);
        }
        flow.passOn(datagram.payload());
    }

    /** Takes over a datagram to a client; returns how many are lost, see {@link Replies}. */
    int reply(InetSocketAddress client, ByteBuf datagram) {
        return replies.send(client, datagram);
    }

    int flush() {
        return replies.flush();
    }

    void forget(DatagramFlow flow) {
        associations.remove(flow);
    }

    /** A datagram to a client, whose it was is not told, could not be sent. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.error("listening socket {} failed", socket, cause);
        }
        gate.datagramDropped(binding, loop);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Reason reason = gate.whyClosed(binding);
        associations.all().forEach(flow -> flow.abort(reason));
    }
}
