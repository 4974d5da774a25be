package io.clb.engine;

import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** A loop with a socket on epoll, and somebody to connect it to. */
final class EpollPair implements AutoCloseable {

    static final int TIMEOUT_MILLIS = 10_000;
    static final int CHUNK = 64 * 1_024;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, new EpollHandlers());
    final Loop loop;
    final EpollTold told;
    final EpollStreamSocket socket;
    private final ServerSocket server = new ServerSocket();

    EpollPair(ByteBufAllocator allocator) throws IOException {
        this(allocator, StreamSocket.Use.RELAY);
    }

    EpollPair(ByteBufAllocator allocator, StreamSocket.Use use) throws IOException {
        loop = new Loop(0, group.next(), Clock.SYSTEM, allocator);
        told = new EpollTold(loop);
        socket = new EpollStreamSocket(
                io.netty.channel.unix.Socket.newSocketStream(),
                false,
                loop,
                Direction.TO_CLIENTS,
                new RunRule("rule", 2),
                use,
                told);
        server.setReceiveBufferSize(CHUNK);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    static boolean isAvailable() {
        return Epoll.isAvailable();
    }

    <T> T on(Callable<T> task) throws Exception {
        return loop.eventLoop().submit(task).get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }

    void beginConnect() throws IOException {
        socket.connect((InetSocketAddress) server.getLocalSocketAddress(), null);
    }

    Socket accept() throws IOException {
        Socket far = server.accept();
        far.setSoTimeout(TIMEOUT_MILLIS);
        return far;
    }

    Socket connect() throws Exception {
        on(() -> {
            beginConnect();
            return null;
        });
        Socket far = accept();
        await().until(() -> on(() -> told.connectedTurn >= 0));
        return far;
    }

    @Override
    public void close() throws IOException {
        loop.execute(() -> {
            socket.end(false);
            loop.stop();
        });
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        server.close();
    }

    /** Some bytes in a buffer of the loop's. */
    ByteBuf text(String text) {
        return loop.allocator().directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
