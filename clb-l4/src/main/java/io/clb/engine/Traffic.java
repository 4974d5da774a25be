package io.clb.engine;

import io.clb.spi.HttpFlow;
import io.clb.spi.Outcome;
import io.clb.spi.Reason;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import io.clb.spi.SessionSticker;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
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

    /**
     * Makes a socket towards a server.
     *
     * @return the channel, not yet registered
     * @throws ChannelException if the system has none to give
     */
    public SocketChannel newSocket() {
        return transport.newSocket();
    }

    /**
     * Makes a datagram socket towards a server.
     *
     * @return the channel, not yet registered
     * @throws ChannelException if the system has none to give
     */
    public DatagramChannel newDatagramSocket() {
        return transport.newDatagramSocket(false);
    }

    /**
     * Connects a socket to a server, from one of the addresses that the listener wants.
     *
     * @param socket neither bound nor connected
     * @param server where to
     * @param plan the listener
     * @param loop the socket's loop
     * @return done when the server has accepted, or will not
     */
    public ChannelFuture connect(SocketChannel socket, InetSocketAddress server, ListenerPlan plan, Loop loop) {
        InetSocketAddress source = plan.sources().next(server, loop);
        if (source == null) {
            return socket.connect(server);
        }
        transport.choosePortAtConnect(socket);
        return socket.connect(server, source);
    }

    /**
     * Connects a datagram socket to a server, from one of the addresses that the listener wants.
     *
     * @param socket neither bound nor connected
     * @param server where to
     * @param plan the listener
     * @param loop the socket's loop
     * @return done
     */
    public ChannelFuture connect(DatagramChannel socket, InetSocketAddress server, ListenerPlan plan, Loop loop) {
        InetSocketAddress source = plan.sources().next(server, loop);
        return source == null ? socket.connect(server) : socket.connect(server, source);
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
     * Finds a server for a flow: the one that its client had before, else the scheduler's choice. Counts the flow on it.
     *
     * @param flow the flow
     * @param picker the pool's picker
     * @return a server that the flow has not tried, or null if none is left; what a strategy throws is told of, and thrown on
     */
    public @Nullable RunServer pick(LoopFlow flow, Picker picker) {
        long now = flow.owner().nowNanos();
        SessionSticker sticker = picker.sticker();
        Object asked = picker.scheduler();
        RunServer picked;
        try {
            Server server = null;
            if (sticker != null) {
                asked = sticker;
                server = sticker.recall(flow, now);
            }
            if (server == null) {
                asked = picker.scheduler();
                server = picker.scheduler().pick(flow, now);
            }
            if (server == null) {
                return null;
            }
            picked = (RunServer) server;
        } catch (RuntimeException | Error e) {
            extensionFailed(asked, e);
            throw e;
        }
        picked.flowBegins();
        return picked;
    }

    /**
     * Takes a flow off a server and tells the scheduler.
     *
     * @param pool the pool that the server was picked from
     * @param server what {@link #pick} returned
     * @param outcome how it went
     * @param durationNanos since the pick
     * @param nowNanos the loop's clock
     */
    public void release(Pool pool, RunServer server, Outcome outcome, long durationNanos, long nowNanos) {
        server.flowEnds();
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
     * @return the value of a {@code Set-Cookie} field, or null
     */
    public @Nullable String setCookie(Pool pool, HttpFlow request, RunServer server) {
        SessionSticker sticker = pool.picker().sticker();
        if (sticker == null) {
            return null;
        }
        try {
            return sticker.setCookie(request, server);
        } catch (RuntimeException | Error e) {
            extensionFailed(sticker, e);
            return null;
        }
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
     * Ends a flow: counts it, shows it to the observers, and forgets it. Its channels are closed, or about to be.
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

    private static void forget(LoopFlow flow) {
        Loop loop = flow.owner();
        loop.cancel(flow);
        loop.remove(flow);
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
     * Counts a flow and shows it to the observers: one that is on no loop's list, as it never began, or lives within another.
     *
     * @param flow the flow
     * @param group the server group that it was for; empty for none
     * @param reason why it ended
     */
    public void record(LoopFlow flow, String group, Reason reason) {
        Loop loop = flow.owner();
        flow.runListener().countEnded(loop, reason);
        LoopFlowRecord record = loop.record().fill(flow, group, reason, loop.nowNanos());
        observers.flowEnded(record);
        record.clear();
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
            channel.close();
        } else {
            channel.unsafe().closeForcibly();
        }
    }
}
