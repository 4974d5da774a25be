package io.clb.l4;

import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Many clients and the server that they reach in the end, which echoes, all on one thread. */
final class Crowd implements AutoCloseable {

    private static final int AT_ONCE = 256;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Channel> clients = new ArrayList<>();
    private final AtomicInteger heard = new AtomicInteger();
    private final AtomicInteger served = new AtomicInteger();
    private final Channel server;

    Crowd() {
        server = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4_096)
                .childHandler(new Echo())
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    @ChannelHandler.Sharable
    private final class Echo extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            served.incrementAndGet();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            served.decrementAndGet();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    @ChannelHandler.Sharable
    private final class Ear extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            heard.addAndGet(bytes.readableBytes());
            bytes.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    String id() {
        return "127.0.0.1:" + port();
    }

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** Connects more clients, to a port of loopback; returns when the server has them all. */
    void join(int count, int port) {
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                // They leave with a reset, so that none of their ports waits for minutes.
                .option(ChannelOption.SO_LINGER, 0)
                .handler(new Ear());
        List<ChannelFuture> connects = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            connects.add(bootstrap.connect(InetAddress.getLoopbackAddress(), port));
            if (connects.size() == AT_ONCE || i == count) {
                connects.forEach(
                        connect -> clients.add(connect.syncUninterruptibly().channel()));
                connects.clear();
            }
        }
        await().pollDelay(0, TimeUnit.MILLISECONDS)
                .pollInterval(1, TimeUnit.MILLISECONDS)
                .until(() -> served.get() == clients.size());
    }

    /** Has every client say a byte; returns when each has heard it. */
    void echo() {
        heard.set(0);
        clients.forEach(client -> client.writeAndFlush(Unpooled.wrappedBuffer(new byte[1])));
        await().until(() -> heard.get() == clients.size());
    }

    /** Has every client leave; returns when the server has noticed. */
    void leave() {
        clients.forEach(Channel::close);
        clients.clear();
        await().until(() -> served.get() == 0);
    }

    @Override
    public void close() {
        leave();
        server.close().syncUninterruptibly();
        group.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS).syncUninterruptibly();
    }
}
