package io.clb.engine;

import io.clb.HealthCheck;
import io.clb.Options;
import io.clb.ProxyProtocol;
import io.clb.spi.Probe;
import io.clb.spi.Server;
import io.clb.spi.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One probe under way, with its timeout. Confined to one loop, but for what {@link Probe} tells. */
public final class ProbeAttempt extends Timeout implements Probe {

    private final RunServer server;
    private final HealthCheck check;
    private final Loop loop;
    private final Transport transport;
    private final ExecutorService blocking;
    private final BiConsumer<Verdict, Long> result;
    private @Nullable Runnable cleanUp;
    private @Nullable Verdict onSilence;
    private long startNanos;

    // added to by any thread; cancelled by the loop
    private final Queue<Future<?>> work = new ConcurrentLinkedQueue<>();

    // written by the loop; read by any thread that gives work
    private volatile boolean over;

    private boolean done;

    ProbeAttempt(
            RunServer server,
            HealthCheck check,
            Loop loop,
            Transport transport,
            ExecutorService blocking,
            BiConsumer<Verdict, Long> result) {
        this.server = server;
        this.check = check;
        this.loop = loop;
        this.transport = transport;
        this.blocking = blocking;
        this.result = result;
    }

    void begin(ProbeProtocol protocol) {
        startNanos = loop.nowNanos();
        loop.arm(this, startNanos + timeout().toNanos());
        try {
            protocol.probe(this);
        } catch (RuntimeException | Error e) {
            complete(Verdict.failed("the check failed: " + e));
        }
    }

    /**
     * Says what was found. Only the first word counts; one that comes after the timeout does not.
     *
     * @param verdict what was found
     */
    public void complete(Verdict verdict) {
        if (done) {
            return;
        }
        done = true;
        loop.cancel(this);
        try {
            if (cleanUp != null) {
                cleanUp.run();
            }
        } finally {
            result.accept(verdict, loop.nowNanos() - startNanos);
        }
    }

    /** Ends the probe, as nobody waits for its verdict any more. */
    void abort() {
        complete(Verdict.failed("stopped"));
        interrupt();
    }

    /** Work of a probe that is over must not hold a thread that other probes wait for. */
    private void interrupt() {
        over = true;
        work.forEach(task -> task.cancel(true));
    }

    /**
     * Registers what to close when the probe is over, for whatever reason.
     *
     * @param task runs on the loop, once
     */
    public void onEnd(Runnable task) {
        if (done) {
            task.run();
        } else {
            cleanUp = task;
        }
    }

    /**
     * Says what it means if nothing is found within the timeout; unless said, that the probe has failed.
     *
     * @param verdict what it means
     */
    public void onSilence(Verdict verdict) {
        onSilence = verdict;
    }

    @Override
    protected void expired(long nowNanos) {
        complete(
                onSilence == null
                        ? Verdict.failed("no answer within " + Options.CHECK_TIMEOUT.format(timeout()))
                        : onSilence);
        interrupt();
    }

    /**
     * Returns the loop of this probe.
     *
     * @return the loop
     */
    public Loop loop() {
        return loop;
    }

    /**
     * Returns the settings of the check.
     *
     * @return the check
     */
    public HealthCheck check() {
        return check;
    }

    /**
     * Opens a connection to what is probed, and writes the header of the PROXY protocol if the check has one. If there is none to be had, the probe has failed, and says why. When the probe is over, for whatever
     * reason, a connection that is still open is reset, so that neither side keeps a trace of it.
     *
     * @param setUp gets the channel before it is registered with the loop
     * @param connected gets the channel when the server has accepted, and the header is on its way
     */
    public void connect(Consumer<SocketChannel> setUp, Consumer<SocketChannel> connected) {
        connect(transport::newSocket, setUp, socket -> introduce(socket, connected));
    }

    /** Past the handlers, as some know nothing but messages of their own. */
    private void introduce(SocketChannel socket, Consumer<SocketChannel> connected) {
        ByteBuf header = header();
        if (!header.isReadable()) {
            connected.accept(socket);
            return;
        }
        ChannelPromise written = socket.newPromise();
        socket.unsafe().write(header, written);
        socket.unsafe().flush();
        written.addListener(future -> {
            if (future.isSuccess()) {
                connected.accept(socket);
            } else {
                complete(Verdict.failed(Failures.text(future.cause())));
            }
        });
    }

    /** The header of the PROXY protocol that this probe begins with, to be released; empty if it is to have none. */
    ByteBuf header() {
        ProxyProtocol.Version version = check.proxyProtocol();
        return version == null ? Unpooled.EMPTY_BUFFER : ProxyCodec.encodeOwn(version);
    }

    /**
     * Opens a datagram socket towards what is probed, which hears of ICMP errors and of nobody else. If there is none to be had, the probe has failed,
     * and says why. It is closed when the probe is over.
     *
     * @param setUp gets the channel before it is registered with the loop
     * @param connected gets the channel when it may send
     */
    public void connectDatagrams(Consumer<DatagramChannel> setUp, Consumer<DatagramChannel> connected) {
        connect(() -> transport.newDatagramSocket(false), setUp, connected);
    }

    private <C extends Channel> void connect(Supplier<C> sockets, Consumer<C> setUp, Consumer<C> connected) {
        InetSocketAddress address = address();
        if (address == null) {
            complete(Verdict.failed("the name " + host() + " has no address"));
            return;
        }
        C socket;
        try {
            socket = sockets.get();
        } catch (ChannelException e) {
            complete(Verdict.failed("no socket for the probe: " + Failures.text(e)));
            return;
        }
        onEnd(() -> Traffic.reset(socket));
        socket.config().setConnectTimeoutMillis(0).setAllocator(loop.allocator());
        setUp.accept(socket);
        loop.eventLoop().register(socket);
        bind(
                socket,
                address,
                () -> socket.connect(address).addListener(future -> {
                    if (future.isSuccess()) {
                        connected.accept(socket);
                    } else {
                        complete(Verdict.failed(Failures.text(future.cause())));
                    }
                }));
    }

    /** Apart from the connect, so that it can be told which of them failed. */
    private void bind(Channel socket, InetSocketAddress to, Runnable bound) {
        String source = sourceAddress();
        if (source == null) {
            bound.run();
            return;
        }
        InetAddress from = Binding.literal(source);
        if (from instanceof Inet4Address != to.getAddress() instanceof Inet4Address) {
            complete(Verdict.failed("cannot probe " + to.getAddress().getHostAddress() + " from " + source
                    + ": one is IPv4, the other IPv6"));
            return;
        }
        socket.bind(new InetSocketAddress(from, 0)).addListener(future -> {
            if (future.isSuccess()) {
                bound.run();
            } else {
                complete(Verdict.failed("cannot probe from " + source + ": " + Failures.text(future.cause())));
            }
        });
    }

    private @Nullable InetSocketAddress address() {
        InetSocketAddress address = server.address();
        return address == null || address.getPort() == port()
                ? address
                : new InetSocketAddress(address.getAddress(), port());
    }

    @Override
    public Server server() {
        return server;
    }

    @Override
    public String host() {
        return server.host();
    }

    @Override
    public int port() {
        int port = check.get(Options.CHECK_PORT);
        return port == 0 ? server.port() : port;
    }

    @Override
    public @Nullable String sourceAddress() {
        return check.sourceAddress();
    }

    @Override
    public Duration timeout() {
        return check.get(Options.CHECK_TIMEOUT);
    }

    @Override
    public Executor blocking() {
        return task -> {
            Future<?> submitted = blocking.submit(task);
            work.add(submitted);
            if (over) {
                submitted.cancel(true);
            }
        };
    }
}
