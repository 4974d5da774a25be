package io.clb.engine;

import io.clb.BindException;
import io.clb.ListenerConfig;
import io.clb.Options;
import io.clb.PortRange;
import io.clb.spi.FlowKind;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening sockets of one address and port: one for each loop where the system deals clients among them, but for ports of a range, which are dealt over loops. They may pass from one listener to another of the same address, so the plan tells whose
 * they are. Control only; control waits for the loops here, which never wait for control.
 */
final class Binding {

    private static final Logger LOG = LoggerFactory.getLogger(Binding.class);

    /** How long a loop that is held up may hold up the end of a listener. Not measured. */
    private static final long CLOSE_SECONDS = 1;

    /** What makes two bindings one; those with port 0 belong to their listener. An empty address means every one. */
    record Key(ListenerConfig.Protocol protocol, String address, int port, String owner) {

        /**
         * Tells where a listener listens. Without addresses: everywhere. {@code 0.0.0.0} beside {@code ::} adds nothing, as that socket takes IPv4 too.
         */
        static List<Key> of(ListenerConfig listener) {
            String owner = listener.port() == 0 ? listener.name() : "";
            List<String> addresses = listener.bindAddresses().isEmpty() ? List.of("") : listener.bindAddresses();
            return addresses.stream()
                    .filter(address -> !address.equals("0.0.0.0") || !addresses.contains("::"))
                    .flatMap(address ->
                            ports(listener).mapToObj(port -> new Key(listener.protocol(), address, port, owner)))
                    .toList();
        }

        private static IntStream ports(ListenerConfig listener) {
            PortRange range = listener.portRange();
            return range == null ? IntStream.of(listener.port()) : IntStream.rangeClosed(range.first(), range.last());
        }

        private InetSocketAddress wanted() {
            return address.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(literal(address), port);
        }
    }

    private final Key key;
    private final int slot;
    private final List<Channel> sockets = new ArrayList<>();
    private final List<Loop> loops = new ArrayList<>();
    private final Loop[] all;

    /** That of an only socket, from which connections are dealt or not; null where there is one for each loop, and for datagrams. */
    private @Nullable Acceptor only;

    private boolean dealt;

    // set before this is shown to anyone
    private InetSocketAddress address;

    private Binding(Key key, int slot, Loop[] all) {
        this.key = key;
        this.slot = slot;
        this.all = all;
        this.address = key.wanted();
    }

    Key key() {
        return key;
    }

    int slot() {
        return slot;
    }

    InetSocketAddress address() {
        return address;
    }

    /** Whether flows go on to use these sockets after their first datagram. */
    boolean isForDatagrams() {
        return key.protocol.flowKind() == FlowKind.ASSOCIATION;
    }

    /**
     * Binds the sockets; they do not accept yet, nor read.
     *
     * @throws BindException if one cannot be bound; then none is
     */
    static Binding open(Key key, ListenerConfig listener, int slot, Gate gate, Transport transport, Loop[] loops) {
        Binding binding = new Binding(key, slot, loops);
        try {
            binding.bind(listener, gate, transport);
            return binding;
        } catch (IOException | RuntimeException e) {
            close(List.of(binding));
            throw new BindException(listener.name(), key.wanted(), e);
        }
    }

    static InetAddress literal(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + address, e);
        }
    }

    private void bind(ListenerConfig listener, Gate gate, Transport transport) throws IOException {
        if (listener.portRange() != null || !transport.dealsConnections()) {
            Loop own = all[slot % all.length];
            if (isForDatagrams()) {
                // All associations live on the loop of the one socket that their answers leave through: no hand-over.
                address = bindDatagrams(address, gate, transport, false, own);
                return;
            }
            Acceptor acceptor = new Acceptor(gate, this, own, own);
            address = bind(address, listener, transport, false, own, acceptor);
            only = acceptor;
            serve(listener);
            return;
        }
        if (isForDatagrams()) {
            address = proveFreeForDatagrams(address);
        } else {
            proveFree(address);
        }
        for (Loop loop : all) {
            // The first one may be given a port; the others take the same.
            address = isForDatagrams()
                    ? bindDatagrams(address, gate, transport, true, loop)
                    : bind(address, listener, transport, true, loop, new Acceptor(gate, this, loop, loop));
        }
    }

    /**
     * Fails if anyone listens there: with SO_REUSEPORT alone, a second balancer of the same user would silently take half of the connections.
     */
    private static void proveFree(InetSocketAddress address) throws IOException {
        if (address.getPort() == 0) {
            return;
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address, 1);
        }
    }

    /**
     * Likewise for UDP, and finds a port where any will do: asked for one together with SO_REUSEPORT, Linux may give one that other sockets of the same user
     * have.
     */
    private static InetSocketAddress proveFreeForDatagrams(InetSocketAddress address) throws IOException {
        try (DatagramSocket probe = new DatagramSocket(address)) {
            return new InetSocketAddress(address.getAddress(), probe.getLocalPort());
        }
    }

    private InetSocketAddress bindDatagrams(
            InetSocketAddress address, Gate gate, Transport transport, boolean reusePort, Loop loop)
            throws IOException {
        DatagramChannel socket = transport.newDatagramSocket(reusePort);
        sockets.add(socket);
        loops.add(loop);
        socket.config().setAutoRead(false);
        Sockets.prepare(socket, loop, new DatagramAcceptor(gate, this, loop, socket, transport.replies(socket, loop)));
        await(loop.eventLoop().register(socket));
        await(socket.bind(address));
        return socket.localAddress();
    }

    private InetSocketAddress bind(
            InetSocketAddress address,
            ListenerConfig listener,
            Transport transport,
            boolean reusePort,
            Loop loop,
            Acceptor acceptor)
            throws IOException {
        ServerSocketChannel socket = transport.newServerSocket(reusePort);
        sockets.add(socket);
        loops.add(loop);
        socket.config().setAutoRead(false);
        socket.config().setBacklog(listener.get(Options.BACKLOG));
        int fastOpen = listener.get(Options.FAST_OPEN);
        if (fastOpen > 0) {
            socket.config().setOption(ChannelOption.TCP_FASTOPEN, fastOpen);
        }
        int receiveBuffer = listener.get(Options.RECEIVE_BUFFER);
        if (receiveBuffer > 0) {
            // Before a connection comes, as the window that it may offer is agreed on in the handshake (RFC 7323 2.2).
            socket.config().setReceiveBufferSize(receiveBuffer);
        }
        socket.config().setOption(ChannelOption.SO_REUSEADDR, true);
        socket.pipeline().addLast(acceptor);
        await(loop.eventLoop().register(socket));
        await(socket.bind(address));
        return socket.localAddress();
    }

    private static void await(ChannelFuture future) throws IOException {
        Throwable failure = future.awaitUninterruptibly().cause();
        if (failure instanceof IOException io) {
            throw io;
        }
        if (failure != null) {
            throw new IOException(failure);
        }
    }

    /**
     * Takes over the sockets for a listener that may not be the one that they were bound for. One of a range's many sockets keeps what it accepts, as they
     * are on all loops; an only one deals it. A socket that was bound alone cannot be joined by others, and closing it first would refuse clients.
     */
    void serve(ListenerConfig listener) {
        boolean deal = listener.portRange() == null;
        Acceptor acceptor = only;
        if (acceptor != null && deal != dealt) {
            dealt = deal;
            loops.get(0).execute(() -> acceptor.deal(deal ? all : loops.toArray(Loop[]::new)));
        }
    }

    /** Begins to accept, or to read: all sockets at once, as the system deals clients among those that are bound. */
    void accept() {
        sockets.forEach(socket -> socket.config().setAutoRead(true));
    }

    /** Stops listening; returns when the sockets are closed, and the ports are free. All close at once, however many there are. */
    static void close(Collection<Binding> bindings) {
        List<ChannelFuture> closes = new ArrayList<>();
        Set<Loop> concerned = new LinkedHashSet<>();
        for (Binding binding : bindings) {
            binding.beginClose(closes);
            concerned.addAll(binding.loops);
        }
        closes.forEach(ChannelFuture::awaitUninterruptibly);
        // The JDK closes a socket that a selector watches only when the selector is asked again.
        List<CompletableFuture<Void>> turns =
                concerned.stream().map(Loop::nextTurn).toList();
        try {
            CompletableFuture.allOf(turns.toArray(CompletableFuture<?>[]::new)).get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("not every loop came round after {} was closed", bindings, e);
        }
    }

    private void beginClose(List<ChannelFuture> closes) {
        for (Channel socket : sockets) {
            if (socket.isRegistered()) {
                closes.add(socket.close());
            } else {
                socket.unsafe().closeForcibly();
            }
        }
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
