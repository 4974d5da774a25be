package io.clb.engine;

import io.clb.ProxyProtocol;
import io.clb.spi.CookiePrefix;
import io.clb.spi.Datagram;
import io.clb.spi.DatagramScheduler;
import io.clb.spi.HttpFlow;
import io.clb.spi.Outcome;
import io.clb.spi.Reason;
import io.clb.spi.Scheduler;
import io.clb.spi.SessionSticker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What protocols call for every flow: to begin it, to be given a server, and to end it. One for each balancer; each call belongs to the flow's loop.
 */
public final class Traffic {

    private final Transport transport;
    private final Observers observers;

    // written by control before loops are told to drain; read by any loop
    private volatile @Nullable Runnable onDrained;

    Traffic(Transport transport, Observers observers) {
        this.transport = transport;
        this.observers = observers;
    }

    Transport transport() {
        return transport;
    }

    /**
     * Makes a client's connection a socket that messages come through.
     *
     * @param client not registered, unless its header was read
     * @param loop its loop
     * @param source whose bandwidth limits hold
     * @param events hears of it
     * @return the socket, not yet opened
     */
    public StreamSocket clientSocket(SocketChannel client, Loop loop, PaceSource source, StreamSocket.Events events) {
        return transport.clientSocket(client, loop, source, StreamSocket.Use.MESSAGES, events);
    }

    /**
     * Makes a socket towards a server that messages come through.
     *
     * @param loop its loop
     * @param source whose bandwidth limits hold
     * @param events hears of it
     * @return the socket, not yet opened
     * @throws ChannelException if the system has none to give
     */
    public StreamSocket serverSocket(Loop loop, PaceSource source, StreamSocket.Events events) {
        return transport.serverSocket(loop, source, StreamSocket.Use.MESSAGES, events);
    }

    /**
     * Opens a datagram socket towards a server.
     *
     * @param loop its loop
     * @param events hears of it
     * @return the socket, not yet connected
     * @throws ChannelException if the system has none to give, or it cannot be waited for
     */
    public DatagramUpstream newDatagramUpstream(Loop loop, DatagramUpstream.Events events) {
        return transport.newDatagramUpstream(loop, events);
    }

    /**
     * Connects a socket to a server, from one of the addresses that the listener wants.
     *
     * @param socket open, and neither bound nor connected
     * @param server where to
     * @param plan the listener
     * @param loop the socket's loop
     * @return true if it is connected already; else whoever hears of the socket is told
     * @throws IOException if that fails at once
     */
    public boolean connect(StreamSocket socket, InetSocketAddress server, ListenerPlan plan, Loop loop)
            throws IOException {
        return socket.connect(server, plan.sources().next(server, loop));
    }

    /**
     * Connects a datagram socket to a server, from one of the addresses that the listener wants.
     *
     * @param socket not connected
     * @param server where to
     * @param plan the listener
     * @param loop the socket's loop
     * @throws IOException if there is no way there, or nothing to send from
     */
    public void connect(DatagramUpstream socket, InetSocketAddress server, ListenerPlan plan, Loop loop)
            throws IOException {
        socket.connect(server, plan.sources().next(server, loop));
    }

    /**
     * Writes the header of the PROXY protocol, if the listener wants servers to have one, before all else that a server is sent.
     *
     * @param flow the flow
     * @param server the connection to the server, just connected
     * @param plan the listener
     */
    public void introduce(LoopFlow flow, StreamSocket server, ListenerPlan plan) {
        ProxyProtocol.Version version = plan.proxyOut();
        if (version != null) {
            server.write(ProxyCodec.encode(flow, version, true));
            server.flush();
        }
    }

    /**
     * Likewise, to the server's side of a relay.
     *
     * @param flow the flow
     * @param server the connection to the server, just connected
     * @param plan the listener
     */
    public void introduce(LoopFlow flow, RelaySide server, ListenerPlan plan) {
        ProxyProtocol.Version version = plan.proxyOut();
        if (version != null) {
            server.send(ProxyCodec.encode(flow, version, true));
        }
    }

    /**
     * Returns the header of the PROXY protocol that stands before each datagram to a server.
     *
     * @param flow the flow
     * @param plan the listener
     * @return the header, or null for none
     */
    public byte @Nullable [] introduction(LoopFlow flow, ListenerPlan plan) {
        ProxyProtocol.Version version = plan.proxyOut();
        if (version == null) {
            return null;
        }
        ByteBuf header = ProxyCodec.encode(flow, version, false);
        try {
            return ByteBufUtil.getBytes(header);
        } finally {
            header.release();
        }
    }

    /**
     * Puts a flow on its loop's list.
     *
     * @param flow a flow that passed the gate
     * @param plan what it passed by
     */
    public void begin(LoopFlow flow, ListenerPlan plan) {
        flow.clients = plan.clients();
        flow.owner().add(flow);
        Pool pool = flow.pool();
        if (pool != null) {
            pool.tally().countBegun(flow.owner());
        }
    }

    /**
     * Judges a request: takes a permit of each limit that it must keep to, or of none.
     *
     * @param request the request
     * @param plan its listener
     * @param rule the rule that takes it, or null for none
     * @return null if it may go on; else why not
     */
    public @Nullable Reason admit(LoopFlow request, ListenerPlan plan, @Nullable RunRule rule) {
        LimitChain chain = rule == null ? plan.chain() : rule.chain();
        if (chain.refusesBandwidth(request.owner())) {
            return Reason.LIMIT_BANDWIDTH;
        }
        Admission requests = chain.requests();
        return requests == null ? null : requests.judge(request, this);
    }

    /**
     * Tells a request that was refused when to come again.
     *
     * @param request the request
     * @param plan its listener
     * @param rule the rule that takes it, or null for none
     * @return whole seconds, 1 or more; 0 if no limit that says so has it wait
     */
    public long retryAfterSeconds(LoopFlow request, ListenerPlan plan, @Nullable RunRule rule) {
        LimitChain chain = rule == null ? plan.chain() : rule.chain();
        return chain.retryAfterSeconds(request, this);
    }

    /**
     * Finds a server for a flow: the one that its client had before, else the scheduler's choice; if that has as many flows as it may, another one, unless it
     * matters to the flow. Counts the flow on it.
     *
     * @param flow the flow
     * @param picker the pool's picker
     * @return a server that the flow has not tried, or null if none is left that has room, see {@link #await}; what a strategy throws is told of, and thrown on
     */
    public @Nullable RunServer pick(LoopFlow flow, Picker picker) {
        Overflow overflow = flow.owner().overflow();
        overflow.none();
        RunServer recalled = recall(flow, picker);
        RunServer picked = recalled == null ? schedule(flow, picker) : recalled;
        if (picked == null) {
            return null;
        }
        return picked.flowBegins()
                ? picked
                : overflow.pick(this, flow, picker, picked, recalled != null || picker.affine());
    }

    /**
     * Tells whether a server is remembered for a flow.
     *
     * @param flow the flow
     * @param picker a pool's picker
     * @return whether {@link #pick} would take that one; what a strategy throws is told of, and thrown on
     */
    public boolean recalls(LoopFlow flow, Picker picker) {
        return recall(flow, picker) != null;
    }

    /** The server for a flow, which is not counted on it. */
    @Nullable
    RunServer ask(LoopFlow flow, Picker picker) {
        RunServer recalled = recall(flow, picker);
        return recalled == null ? schedule(flow, picker) : recalled;
    }

    private @Nullable RunServer recall(LoopFlow flow, Picker picker) {
        SessionSticker sticker = picker.sticker();
        if (sticker == null) {
            return null;
        }
        try {
            return (RunServer) sticker.recall(flow, flow.owner().nowNanos());
        } catch (RuntimeException | Error e) {
            extensionFailed(sticker, e);
            throw e;
        }
    }

    private @Nullable RunServer schedule(LoopFlow flow, Picker picker) {
        try {
            return (RunServer) picker.scheduler().pick(flow, flow.owner().nowNanos());
        } catch (RuntimeException | Error e) {
            extensionFailed(picker.scheduler(), e);
            throw e;
        }
    }

    /**
     * Has a flow wait for which {@link #pick} has just found no server, if a server would take it that has as many flows as it may. Its timeout is armed then for the end
     * of its patience.
     *
     * @param flow the flow
     * @param wait told when there is room
     * @param pool what was asked
     * @param asked the pool's picker that was asked
     * @return false if it does not wait, see {@link #whyNone}
     */
    public boolean await(LoopFlow flow, Wait wait, Pool pool, Picker asked) {
        return flow.owner().overflow().await(flow, wait, pool, asked);
    }

    /**
     * Tells why {@link #pick} has just found no server for a flow.
     *
     * @param flow the flow
     * @param picker what was asked
     * @return the reason
     */
    public Reason whyNone(LoopFlow flow, Picker picker) {
        return flow.owner().overflow().whyNone(flow.lastFailure(picker.none()));
    }

    /**
     * Shows a datagram from a server to the pool's scheduler, if that learns from them.
     *
     * @param pool the pool that the server was picked from
     * @param server the server
     * @param datagram its payload
     * @param nowNanos the loop's clock
     */
    public void show(Pool pool, RunServer server, Datagram datagram, long nowNanos) {
        if (pool.picker().scheduler() instanceof DatagramScheduler scheduler) {
            try {
                scheduler.fromServer(server, datagram, nowNanos);
            } catch (RuntimeException | Error e) {
                extensionFailed(scheduler, e);
            }
        }
    }

    /**
     * Takes a flow off a server and tells the scheduler. On the flow's loop.
     *
     * @param loop the loop
     * @param pool the pool that the server was picked from
     * @param server what {@link #pick} returned
     * @param outcome how it went
     * @param durationNanos since the pick
     * @param nowNanos the loop's clock
     */
    public void release(Loop loop, Pool pool, RunServer server, Outcome outcome, long durationNanos, long nowNanos) {
        server.flowEnds(loop);
        Scheduler scheduler = pool.picker().scheduler();
        try {
            scheduler.released(server, outcome, durationNanos, nowNanos);
        } catch (RuntimeException | Error e) {
            extensionFailed(scheduler, e);
        }
    }

    /**
     * Tells the pool's sticker that a flow is on a server, or has left it.
     *
     * @param pool the pool
     * @param flow the flow
     * @param server its server
     * @param ended whether the flow is over
     */
    public void remember(Pool pool, LoopFlow flow, RunServer server, boolean ended) {
        SessionSticker sticker = pool.picker().sticker();
        if (sticker == null) {
            return;
        }
        try {
            if (ended) {
                sticker.ended(flow, server, flow.owner().nowNanos());
            } else {
                sticker.remember(flow, server, flow.owner().nowNanos());
            }
        } catch (RuntimeException | Error e) {
            extensionFailed(sticker, e);
        }
    }

    /**
     * Asks the pool's sticker what to have the client remember.
     *
     * @param pool the pool
     * @param request the request
     * @param server the server that answered
     * @param status what it answered
     * @return the value of a {@code Set-Cookie} field, or null
     */
    public @Nullable String setCookie(Pool pool, HttpFlow request, RunServer server, int status) {
        SessionSticker sticker = pool.picker().sticker();
        if (sticker == null) {
            return null;
        }
        try {
            return sticker.setCookie(request, server, status);
        } catch (RuntimeException | Error e) {
            extensionFailed(sticker, e);
            return null;
        }
    }

    /**
     * Asks the pool's sticker which cookie of the servers' carries what clients remember.
     *
     * @param pool the pool
     * @return what is written before its values, or null
     */
    public @Nullable CookiePrefix cookiePrefix(Pool pool) {
        SessionSticker sticker = pool.picker().sticker();
        return sticker == null ? null : sticker.cookiePrefix();
    }

    /**
     * Tells of a strategy of the application's that threw.
     *
     * @param extension the strategy
     * @param thrown what it threw
     */
    public void extensionFailed(Object extension, Throwable thrown) {
        observers.report(extension, thrown);
    }

    /**
     * Ends a flow: counts it, writes its line in the access log, shows it to the observers, and forgets it. Its channels are closed, or about to be.
     *
     * @param flow a flow that began
     * @param group the server group that it was for
     * @param reason why it ended
     */
    public void ended(LoopFlow flow, String group, Reason reason) {
        forget(flow);
        record(flow, group, reason);
        tellIfDrained(flow.owner());
    }

    /**
     * Ends a connection that only carried other flows, and that is none itself: nothing is counted or shown.
     *
     * @param connection what began
     */
    public void closed(LoopFlow connection) {
        forget(connection);
        tellIfDrained(connection.owner());
    }

    /**
     * Puts a flow on its loop's list that is none of a client's, and that no listener counts but its server group: the copy of a request.
     *
     * @param copy the copy
     */
    public void copyBegins(LoopFlow copy) {
        copy.owner().add(copy);
        Pool pool = copy.pool();
        if (pool != null) {
            pool.countRequest(copy.owner());
        }
    }

    /**
     * Ends what {@link #copyBegins} began: nothing is shown, and nothing counted but for its group and server.
     *
     * @param copy the copy
     * @param reason why it ended
     */
    public void copyEnded(LoopFlow copy, Reason reason) {
        unlist(copy);
        countForServers(copy, copy.owner(), reason);
        tellIfDrained(copy.owner());
    }

    private static void unlist(LoopFlow flow) {
        Loop loop = flow.owner();
        loop.cancel(flow);
        loop.backlog().forget(flow);
        loop.remove(flow);
    }

    private static void forget(LoopFlow flow) {
        unlist(flow);
        flow.runListener().end();
        if (flow.clients != null) {
            flow.clients.end(flow);
        }
    }

    private void tellIfDrained(Loop loop) {
        Runnable drained = onDrained;
        if (drained != null && loop.flowCount() == 0) {
            drained.run();
        }
    }

    /**
     * Tells whether the balancer is shutting down.
     *
     * @return true from the call of {@code shutdown} on
     */
    public boolean isDraining() {
        return onDrained != null;
    }

    /**
     * Counts a flow, writes its line in the access log, and shows it to the observers: one that is on no loop's list, as it never began, or lives within another.
     *
     * @param flow the flow
     * @param group the server group that it was for; empty for none
     * @param reason why it ended
     */
    public void record(LoopFlow flow, String group, Reason reason) {
        Loop loop = flow.owner();
        count(flow, loop, reason);
        LoopFlowRecord record = loop.record().fill(flow, group, reason, loop.nowNanos());
        ListenerLog log = flow.runListener().log();
        if (log != null) {
            log.write(record, loop);
        }
        observers.flowEnded(record);
        record.clear();
    }

    private static void count(LoopFlow flow, Loop loop, Reason reason) {
        count(flow.runListener().tally(), flow, loop, reason);
        RunRule rule = flow.rule();
        if (rule != null) {
            count(rule.tally(), flow, loop, reason);
        }
        countForServers(flow, loop, reason);
    }

    private static void countForServers(LoopFlow flow, Loop loop, Reason reason) {
        Pool pool = flow.pool();
        if (pool != null) {
            count(pool.tally(), flow, loop, reason);
        }
        RunServer server = flow.server();
        if (server != null) {
            // It knows how its flows end, also of those that went on elsewhere.
            server.tally().countStatuses(loop, flow.status(), flow.upstreamStatus());
        }
    }

    private static void count(Tally tally, LoopFlow flow, Loop loop, Reason reason) {
        tally.countEnded(loop, reason);
        tally.countStatuses(loop, flow.status(), flow.upstreamStatus());
    }

    /** Asks to be told, on the loop concerned, whenever a loop has no flow left. Control only. */
    void onDrained(Runnable note) {
        onDrained = note;
    }

    /**
     * Closes a channel with RST, whatever it still had to send.
     *
     * @param channel the channel, registered or not
     */
    public static void reset(Channel channel) {
        if (channel.isOpen()) {
            try {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
            } catch (ChannelException e) {
                // The other side was faster: the socket is gone already, and closing it is all that is left.
            }
        }
        if (channel.isRegistered()) {
            // Past TLS, which would wait until it has said goodbye.
            ChannelHandlerContext encrypting = channel.pipeline().context(SslHandler.class);
            if (encrypting == null) {
                channel.close();
            } else {
                encrypting.close();
            }
        } else {
            channel.unsafe().closeForcibly();
        }
    }
}
