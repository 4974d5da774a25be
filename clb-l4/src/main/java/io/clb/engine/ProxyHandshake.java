package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.Options;
import io.clb.ProxyProtocol;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.TransportProtocol;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of which the header of the PROXY protocol is to come, or of which its first bytes are to show that it has none. It counts as one of the listener's
 * connections, and becomes a flow when it is known whose. Confined to its loop.
 */
final class ProxyHandshake extends LoopFlow {

    private static final Logger LOG = LoggerFactory.getLogger(ProxyHandshake.class);

    /** Hears of one whose client is known. */
    @FunctionalInterface
    interface Known {
        /** Takes over the channel, which is registered and has no handler of ours any more. */
        void arrived(SocketChannel client, Origin origin, ListenerPlan listener, Loop loop);
    }

    private final SocketChannel channel;
    private final ListenerPlan plan;
    private final ProxyProtocol wanted;
    private final boolean trusted;
    private final Traffic traffic;
    private final Known known;
    private @Nullable ChannelReading reading;
    private @Nullable ByteBuf came;
    private boolean over;

    ProxyHandshake(SocketChannel channel, ListenerPlan plan, Loop loop, Traffic traffic, Known known) {
        super(loop, plan.listener(), Origin.of(channel));
        this.channel = channel;
        this.plan = plan;
        this.wanted = requireNonNull(plan.proxyIn());
        this.trusted = wanted.trusts(sourceHigh(), sourceLow());
        this.traffic = traffic;
        this.known = known;
    }

    void begin() {
        owner().add(this);
        if (traffic.isDraining()) {
            end(Reason.SHUTDOWN);
            return;
        }
        if (wanted.isRequired() && !trusted) {
            end(Reason.PROXY_UNTRUSTED);
            return;
        }
        owner().arm(this, owner().nowNanos() + wanted.get(Options.PROXY_TIMEOUT).toNanos());
        ChannelReading read = ChannelReading.of(channel, owner(), Direction.FROM_CLIENTS, plan.listener(), true);
        reading = read;
        try {
            Sockets.open(channel, plan, owner(), new Handler(), read, true);
        } catch (ChannelException e) {
            // The client was faster than we: its socket takes no options any more.
            end(Reason.CLIENT_GONE);
        } catch (RuntimeException | Error e) {
            LOG.error("a connection of {} ends for an unforeseen error", listener(), e);
            end(Reason.INTERNAL_ERROR);
        }
    }

    private void received(ChannelHandlerContext ctx, ByteBuf bytes) {
        ByteBuf all = bytes;
        if (came != null) {
            // Headers come whole as a rule; one that does not is small.
            all = came.writeBytes(bytes);
            bytes.release();
        }
        came = all;
        int length = ProxyCodec.length(all);
        if (length == ProxyCodec.UNDECIDED) {
            if (!trusted && ProxyCodec.isBegun(all)) {
                end(Reason.PROXY_UNTRUSTED);
            } else {
                owner().backlog().look(this);
            }
            return;
        }
        Origin own = Origin.of(channel);
        if (length == ProxyCodec.NONE) {
            if (wanted.isRequired()) {
                end(Reason.PROXY_HEADER_MISSING);
            } else {
                arrived(ctx, own);
            }
        } else if (!trusted) {
            end(Reason.PROXY_UNTRUSTED);
        } else if (length == ProxyCodec.MALFORMED) {
            end(Reason.PROXY_HEADER_MALFORMED);
        } else {
            Origin told = ProxyCodec.decode(all.slice(all.readerIndex(), length), TransportProtocol.STREAM, own);
            if (told == null) {
                end(Reason.PROXY_HEADER_MALFORMED);
            } else {
                all.skipBytes(length);
                arrived(ctx, told);
            }
        }
    }

    /** Hands over the channel, and with it what came behind the header. */
    private void arrived(ChannelHandlerContext ctx, Origin origin) {
        over = true;
        owner().cancel(this);
        owner().backlog().forget(this);
        owner().remove(this);
        ByteBuf rest = requireNonNull(came);
        came = null;
        ctx.pipeline().remove(ctx.handler());
        // What was changed meanwhile holds for it too.
        known.arrived(channel, origin, runListener().plan(), owner());
        if (!channel.isOpen()) {
            requireNonNull(reading).gone();
        }
        if (rest.isReadable()) {
            channel.pipeline().fireChannelRead(rest);
        } else {
            rest.release();
        }
    }

    @Override
    protected void expired(long nowNanos) {
        end(Reason.PROXY_HEADER_MISSING);
    }

    @Override
    protected void abort(Reason reason) {
        end(reason);
    }

    @Override
    protected void drain() {
        end(Reason.SHUTDOWN);
    }

    private void end(Reason reason) {
        if (over) {
            return;
        }
        over = true;
        if (came != null) {
            came.release();
            came = null;
        }
        Traffic.reset(channel);
        if (reading != null) {
            reading.gone();
        }
        traffic.ended(this, plan.group(), reason);
    }

    @Override
    protected long heldBytes() {
        return came == null ? 0 : came.capacity();
    }

    @Override
    protected @Nullable RunServer server() {
        return null;
    }

    @Override
    protected long connectNanos() {
        return 0;
    }

    /** Hears the channel until its client is known. */
    private final class Handler extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (over) {
                ((ByteBuf) message).release();
            } else {
                received(ctx, (ByteBuf) message);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                end(came == null ? Reason.CLIENT_GONE : Reason.PROXY_HEADER_MALFORMED);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            end(Reason.CLIENT_GONE);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end(Reason.CLIENT_GONE);
        }
    }
}
