package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.spi.Reason;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.Mapping;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection whose TLS handshake is to come. It counts as one of the listener's, and goes to the listener's protocol when the handshake is done, with Netty's handler for TLS in its pipeline; or it ends.
 * Confined to its loop.
 */
final class TlsHandshake extends LoopFlow {

    private static final Logger LOG = LoggerFactory.getLogger(TlsHandshake.class);

    /** What a client says first, certificates of quantum-safe keys included. OpenSSL has the same bound, by the extension's size. */
    private static final int MAX_CLIENT_HELLO = 16 * 1_024;

    private final SocketChannel channel;
    private final Origin origin;
    private final ListenerPlan plan;
    private final ListenerTls tls;
    private final Traffic traffic;
    private final Handler handler = new Handler();
    private @Nullable ChannelReading reading;
    private boolean over;

    TlsHandshake(SocketChannel channel, Origin origin, ListenerPlan plan, Loop loop, Traffic traffic) {
        super(loop, plan.listener(), origin);
        this.channel = channel;
        this.origin = origin;
        this.plan = plan;
        this.tls = requireNonNull(plan.tls());
        this.traffic = traffic;
    }

    void begin() {
        traffic.begin(this, plan);
        if (traffic.isDraining()) {
            end(Reason.SHUTDOWN);
            return;
        }
        owner().arm(this, owner().nowNanos() + tls.handshakeNanos());
        ChannelReading read = ChannelReading.of(channel, owner(), Direction.FROM_CLIENTS, plan.listener(), true);
        reading = read;
        try {
            Sockets.open(channel, plan, owner(), handler, read, true);
            String own = channel.pipeline().context(handler).name();
            channel.pipeline()
                    .addBefore(
                            own,
                            null,
                            tls.hasNames()
                                    ? new NamedHost(tls)
                                    : ListenerTls.handler(tls.standard(), owner().allocator()));
        } catch (ChannelException e) {
            // The client was faster than we: its socket takes no options any more.
            end(Reason.CLIENT_GONE);
        } catch (RuntimeException | Error e) {
            LOG.error("a connection of {} ends for an unforeseen error", listener(), e);
            end(Reason.INTERNAL_ERROR);
        }
    }

    private void done(TlsSession agreed) {
        over = true;
        owner().cancel(this);
        owner().remove(this);
        channel.pipeline().remove(handler);
        try {
            plan.protocol().accepted(channel, origin.with(agreed), plan, owner(), traffic);
            if (!channel.isOpen()) {
                requireNonNull(reading).gone();
            }
        } catch (RuntimeException | Error e) {
            LOG.error("a connection of {} could not be taken over", listener(), e);
            owner().add(this);
            over = false;
            end(Reason.INTERNAL_ERROR);
        }
    }

    private void end(Reason reason) {
        if (over) {
            return;
        }
        over = true;
        Traffic.reset(channel);
        if (reading != null) {
            reading.gone();
        }
        traffic.ended(this, plan.group(), reason);
    }

    @Override
    protected void abort(Reason reason) {
        end(reason);
    }

    @Override
    protected void drain() {
        end(Reason.SHUTDOWN);
    }

    @Override
    protected void expired(long nowNanos) {
        end(Reason.TLS_HANDSHAKE_TIMEOUT);
    }

    @Override
    protected @Nullable RunServer server() {
        return null;
    }

    @Override
    protected long connectNanos() {
        return 0;
    }

    /** Hears of the handshake until it is done. */
    private final class Handler extends ChannelInboundHandlerAdapter {

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (over) {
                return;
            }
            if (event instanceof SslHandshakeCompletionEvent completed) {
                if (completed.isSuccess()) {
                    SslHandler encrypting = ctx.pipeline().get(SslHandler.class);
                    done(TlsSession.of(encrypting.engine().getSession(), tls.asksClients()));
                } else {
                    failed(completed.cause());
                }
            } else if (event == ChannelInputShutdownEvent.INSTANCE) {
                end(Reason.CLIENT_GONE);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (cause instanceof java.io.IOException && !(cause instanceof javax.net.ssl.SSLException)) {
                end(Reason.CLIENT_GONE);
            } else {
                failed(cause);
            }
        }

        /** An alert that says why is on its way out: in order, that the client reads it. */
        private void failed(Throwable cause) {
            if (over) {
                return;
            }
            LOG.debug("{}: a TLS handshake failed: {}", listener(), cause.toString());
            over = true;
            channel.close();
            if (reading != null) {
                reading.gone();
            }
            traffic.ended(TlsHandshake.this, plan.group(), Reason.TLS_HANDSHAKE_FAILED);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end(Reason.CLIENT_GONE);
        }
    }

    /** Waits for the host that a client names, and puts what has its certificate in its own place. */
    private static final class NamedHost extends SniHandler {

        NamedHost(ListenerTls tls) {
            super((Mapping<String, SslContext>) tls::of, MAX_CLIENT_HELLO, 0);
        }

        @Override
        protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
            return ListenerTls.handler(context, allocator);
        }
    }
}
