package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.Options;
import io.clb.ProxyProtocol;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.TransportProtocol;

/**
 * A connection of which the header of the PROXY protocol is to come, or of which its first bytes are to show that it has none. It becomes a flow when it is known whose. Confined to its
 * loop.
 */
final class ProxyHandshake extends FirstBytes {

    /** Hears of one whose client is known. */
    @FunctionalInterface
    interface Known {
        /** Takes over the channel, which is registered and has no handler of ours any more. */
        void arrived(SocketChannel client, Origin origin, ListenerPlan listener, Loop loop);
    }

    private final ProxyProtocol wanted;
    private final boolean trusted;
    private final Traffic traffic;
    private final Known known;

    ProxyHandshake(SocketChannel channel, ListenerPlan plan, Loop loop, Traffic traffic, Known known) {
        super(channel, Origin.of(channel), plan, loop, traffic);
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
        open();
    }

    @Override
    protected void received(ByteBuf all) {
        int length = ProxyCodec.length(all);
        if (length == ProxyCodec.UNDECIDED) {
            if (!trusted && ProxyCodec.isBegun(all)) {
                end(Reason.PROXY_UNTRUSTED);
            }
            return;
        }
        Origin own = Origin.of(channel());
        if (length == ProxyCodec.NONE) {
            if (wanted.isRequired()) {
                end(Reason.PROXY_HEADER_MISSING);
            } else {
                arrived(own);
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
                arrived(told);
            }
        }
    }

    private void arrived(Origin origin) {
        // What was changed meanwhile holds for it too.
        handOver(() -> known.arrived(channel(), origin, runListener().plan(), owner()));
    }

    @Override
    protected void inputEnded() {
        end(came().isReadable() ? Reason.PROXY_HEADER_MALFORMED : Reason.CLIENT_GONE);
    }

    @Override
    protected void expired(long nowNanos) {
        end(Reason.PROXY_HEADER_MISSING);
    }
}
