package io.clb.engine;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueDatagramChannel;
import io.netty.channel.kqueue.KQueueIoHandle;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.nio.NioIoHandle;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The transports that there are, and those that this machine has. Each is a class of its own, so that a missing jar is found out only there. */
public final class Transports {

    // written by any loop with what nobody wants; read by nobody
    private static final ByteBuffer UNREAD = ByteBuffer.allocateDirect(1);

    private Transports() {}

    /**
     * Returns the best transport that is known to serve everything here: epoll, kqueue, else NIO.
     *
     * @return a transport
     */
    public static Transport best() {
        for (String name : List.of("epoll", "kqueue")) {
            if (whyUnavailable(name) == null) {
                return named(name);
            }
        }
        return named("nio");
    }

    /**
     * Returns a transport by name.
     *
     * @param name {@code epoll}, {@code kqueue}, {@code nio} or {@code io_uring}
     * @return the transport
     * @throws IllegalStateException if this machine does not have it; the message says why and what to add
     */
    public static Transport named(String name) {
        Throwable missing = whyUnavailable(name);
        if (missing != null) {
            throw new IllegalStateException(
                    "transport " + name + " is not available here: " + missing
                            + "; add io.netty:netty-transport-native-" + name
                            + " with the classifier of your platform, or choose nio",
                    missing);
        }
        return switch (name) {
            case "epoll" -> new EpollTransport();
            case "kqueue" -> new KqueueTransport();
            case "io_uring" -> new IoUringTransport();
            default -> new NioTransport();
        };
    }

    /**
     * Returns the transport that a group of the application's runs on.
     *
     * @param group the application's event loops
     * @return the transport
     * @throws IllegalArgumentException if it is none of those known here
     */
    public static Transport of(EventLoopGroup group) {
        if (group instanceof IoEventLoopGroup io) {
            for (String name : List.of("epoll", "kqueue", "io_uring", "nio")) {
                if (whyUnavailable(name) == null && named(name) instanceof Probed probed && probed.runs(io)) {
                    return probed;
                }
            }
        }
        throw new IllegalArgumentException(
                "event loop group: " + group.getClass().getName()
                        + " (expected: a MultiThreadIoEventLoopGroup on epoll, kqueue, io_uring or NIO)");
    }

    private static @Nullable Throwable whyUnavailable(String name) {
        try {
            return switch (name) {
                case "epoll" -> Epoll.unavailabilityCause();
                case "kqueue" -> KQueue.unavailabilityCause();
                case "io_uring" -> IoUring.unavailabilityCause();
                case "nio" -> null;
                default -> new IllegalArgumentException("no such transport");
            };
        } catch (LinkageError e) {
            return e;
        }
    }

    /** A transport that knows its event loops. */
    private interface Probed extends Transport {
        boolean runs(IoEventLoopGroup group);
    }

    private record EpollTransport() implements Probed {

        @Override
        public String name() {
            return "epoll";
        }

        @Override
        public IoHandlerFactory ioHandlers() {
            return new EpollHandlers();
        }

        @Override
        public ServerSocketChannel newServerSocket(boolean reusePort) {
            EpollServerSocketChannel channel = new EpollServerSocketChannel();
            channel.config().setOption(UnixChannelOption.SO_REUSEPORT, reusePort);
            return channel;
        }

        @Override
        public SocketChannel newSocket() {
            return new EpollSocketChannel();
        }

        @Override
        public void choosePortAtConnect(SocketChannel socket) {
            socket.config().setOption(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        }

        @Override
        public boolean servesLinger() {
            return true;
        }

        @Override
        public void linger(SocketChannel socket, int millis) {
            socket.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, millis);
        }

        @Override
        public long roundTripMicros(SocketChannel socket) {
            return socket.isOpen() ? EpollTcp.roundTripMicros((Socket) ((EpollSocketChannel) socket).fd()) : -1;
        }

        @Override
        public StreamSocket clientSocket(
                SocketChannel client, Loop loop, PaceSource source, StreamSocket.Use use, StreamSocket.Events events) {
            if (client.isRegistered()) {
                return Probed.super.clientSocket(client, loop, source, use, events);
            }
            Socket socket = (Socket) ((EpollSocketChannel) client).fd();
            return new EpollStreamSocket(socket, true, loop, Direction.FROM_CLIENTS, source, use, events);
        }

        @Override
        public StreamSocket serverSocket(
                Loop loop, PaceSource source, StreamSocket.Use use, StreamSocket.Events events) {
            return new EpollStreamSocket(
                    Socket.newSocketStream(), false, loop, Direction.TO_CLIENTS, source, use, events);
        }

        @Override
        public boolean servesFastOpen() {
            return Epoll.isTcpFastOpenServerSideAvailable();
        }

        /** Reads two datagrams in a call: that way, other than one by one, Netty (4.2.18) does not lose empty ones on connected sockets. */
        @Override
        public DatagramChannel newDatagramSocket(boolean reusePort) {
            EpollDatagramChannel channel = new EpollDatagramChannel();
            channel.config()
                    .setReusePort(reusePort)
                    .setMaxDatagramPayloadSize(DatagramBatches.MAX_DATAGRAM)
                    .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(2 * DatagramBatches.MAX_DATAGRAM));
            Socket socket = (Socket) channel.fd();
            channel.pipeline().addLast(new EmptyDatagrams(client -> send(socket, client)));
            return channel;
        }

        private static void send(Socket socket, @Nullable InetSocketAddress client) throws IOException {
            if (client == null) {
                EpollDatagrams.send(socket, Unpooled.EMPTY_BUFFER);
            } else {
                EpollDatagrams.send(socket, Unpooled.EMPTY_BUFFER, client);
            }
        }

        @Override
        public DatagramUpstream newDatagramUpstream(Loop loop, DatagramUpstream.Events events) {
            return EpollUpstream.open(loop, events);
        }

        @Override
        public Replies replies(DatagramChannel socket, Loop loop) {
            socket.config().setRecvByteBufAllocator(new DatagramBatches(loop.datagrams()));
            return new EpollReplies((Socket) ((EpollDatagramChannel) socket).fd());
        }

        @Override
        public boolean dealsConnections() {
            return true;
        }

        @Override
        public boolean runs(IoEventLoopGroup group) {
            return group.isCompatible(EpollIoHandle.class);
        }
    }

    private record IoUringTransport() implements Probed {

        @Override
        public String name() {
            return "io_uring";
        }

        @Override
        public IoHandlerFactory ioHandlers() {
            return IoUringIoHandler.newFactory();
        }

        @Override
        public ServerSocketChannel newServerSocket(boolean reusePort) {
            IoUringServerSocketChannel channel = new IoUringServerSocketChannel();
            channel.config().setOption(UnixChannelOption.SO_REUSEPORT, reusePort);
            return channel;
        }

        @Override
        public SocketChannel newSocket() {
            return new IoUringSocketChannel();
        }

        @Override
        public boolean servesLinger() {
            return true;
        }

        @Override
        public void linger(SocketChannel socket, int millis) {
            socket.config().setOption(IoUringChannelOption.TCP_USER_TIMEOUT, millis);
        }

        @Override
        public boolean servesFastOpen() {
            return IoUring.isTcpFastOpenServerSideAvailable();
        }

        @Override
        public DatagramChannel newDatagramSocket(boolean reusePort) {
            // There the kernel connects datagram sockets later, which associations do not wait for.
            throw new ChannelException("no UDP on io_uring yet: choose epoll or NIO");
        }

        @Override
        public boolean servesDatagrams() {
            return false;
        }

        @Override
        public boolean dealsConnections() {
            return true;
        }

        @Override
        public boolean runs(IoEventLoopGroup group) {
            return group.isCompatible(IoUringIoHandle.class);
        }
    }

    private record KqueueTransport() implements Probed {

        @Override
        public String name() {
            return "kqueue";
        }

        @Override
        public IoHandlerFactory ioHandlers() {
            return KQueueIoHandler.newFactory();
        }

        @Override
        public ServerSocketChannel newServerSocket(boolean reusePort) {
            return new KQueueServerSocketChannel();
        }

        @Override
        public SocketChannel newSocket() {
            return new KQueueSocketChannel();
        }

        @Override
        public boolean hasStirred(SocketChannel socket) {
            return stirred((UnixChannel) socket);
        }

        @Override
        public DatagramChannel newDatagramSocket(boolean reusePort) {
            KQueueDatagramChannel channel = new KQueueDatagramChannel();
            channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(DatagramBatches.MAX_DATAGRAM));
            return channel;
        }

        @Override
        public boolean dealsConnections() {
            return false;
        }

        @Override
        public boolean runs(IoEventLoopGroup group) {
            return group.isCompatible(KQueueIoHandle.class);
        }
    }

    private static boolean stirred(UnixChannel socket) {
        if (!socket.isOpen()) {
            // Its descriptor may be another's by now.
            return true;
        }
        try {
            return socket.fd().read(UNREAD, 0, 1) != 0;
        } catch (IOException e) {
            return true;
        }
    }

    /** A connection whose own socket can be asked. */
    private static final class NioConnection extends NioSocketChannel {

        boolean hasStirred() {
            try {
                return javaChannel().read(ByteBuffer.allocate(1)) != 0;
            } catch (IOException e) {
                return true;
            }
        }
    }

    private record NioTransport() implements Probed {

        @Override
        public String name() {
            return "nio";
        }

        @Override
        public IoHandlerFactory ioHandlers() {
            return NioIoHandler.newFactory();
        }

        @Override
        public ServerSocketChannel newServerSocket(boolean reusePort) {
            return new NioServerSocketChannel();
        }

        @Override
        public SocketChannel newSocket() {
            return new NioConnection();
        }

        @Override
        public boolean hasStirred(SocketChannel socket) {
            return ((NioConnection) socket).hasStirred();
        }

        @Override
        public DatagramChannel newDatagramSocket(boolean reusePort) {
            java.nio.channels.DatagramChannel socket;
            try {
                socket = java.nio.channels.DatagramChannel.open();
            } catch (IOException e) {
                throw new ChannelException(e);
            }
            DatagramChannel channel = new NioDatagramChannel(socket);
            channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(DatagramBatches.MAX_DATAGRAM));
            channel.pipeline().addLast(new EmptyDatagrams(client -> send(socket, client)));
            return channel;
        }

        private static void send(java.nio.channels.DatagramChannel socket, @Nullable InetSocketAddress client)
                throws IOException {
            if (client == null) {
                // The JDK's channel would take it for sent, as Netty does, and there is no other way.
                throw new IOException("no empty datagrams on connected sockets of NIO");
            }
            socket.send(ByteBuffer.allocate(0), client);
        }

        @Override
        public boolean dealsConnections() {
            return false;
        }

        @Override
        public boolean runs(IoEventLoopGroup group) {
            return group.isCompatible(NioIoHandle.class);
        }
    }
}
