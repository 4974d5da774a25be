package io.clb.engine;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handler of a listening socket: passes connections to the gate, on the loop that will be theirs. Where the system deals connections among
 * sockets, that is the socket's own loop; elsewhere they are dealt in turn.
 */
final class Acceptor extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

    /** How long accepting rests when the system has no descriptors left: Netty's own choice for this. */
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Gate gate;
    private final Binding binding;
    private final Loop own;
    private Loop[] dealt;
    private int next;

    /**
     * Makes the handler.
     *
     * @param own the listening socket's loop
     * @param dealt the loops that connections go to
     */
    Acceptor(Gate gate, Binding binding, Loop own, Loop... dealt) {
        this.gate = gate;
        this.binding = binding;
        this.own = own;
        this.dealt = dealt;
    }

    /** Changes the loops that connections go to. On the listening socket's loop. */
    void deal(Loop... loops) {
        dealt = loops;
        next = 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        SocketChannel client = (SocketChannel) message;
        Loop loop = dealt[next];
        next = next + 1 == dealt.length ? 0 : next + 1;
        if (loop == own) {
            gate.arrive(client, binding, loop);
        } else if (!loop.execute(() -> gate.arrive(client, binding, loop))) {
            client.unsafe().closeForcibly();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        gate.acceptFailed(binding, own);
        Channel socket = ctx.channel();
        if (socket.config().isAutoRead()) {
            if (gate.acceptNotice().isDue(own.nowNanos())) {
                LOG.warn(
                        "accepting on {} rests for 1 s, on others perhaps too: {}",
                        socket.localAddress(),
                        cause.toString());
            }
            socket.config().setAutoRead(false);
            own.arm(new Rest(socket), own.nowNanos() + REST_NANOS);
        }
    }

    private static final class Rest extends Timeout {

        private final Channel socket;

        Rest(Channel socket) {
            this.socket = socket;
        }

        @Override
        protected void expired(long nowNanos) {
            socket.config().setAutoRead(true);
        }
    }
}
