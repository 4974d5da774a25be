package io.clb.bench.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A server on loopback: reads a line, thinks, sends it back behind its own name, and closes. Can be killed and revived. */
final class EchoServer {

    /** How long an answer takes: long enough that there is something open to see at any moment. */
    private static final long THINK_MILLIS = 8;

    private static final int MAX_LINE = 1_024;
    private static final int BACKLOG = 1_024;

    private final String name;
    private final EventLoop loop;
    private final int port;

    // the loop only
    private final Set<Channel> open = new HashSet<>();

    // the thread that plays only
    private Channel listening;

    /** Begins to serve on a port that the system chooses. */
    EchoServer(String name, EventLoop loop) {
        this.name = name;
        this.loop = loop;
        this.listening = listen(0);
        this.port = ((InetSocketAddress) listening.localAddress()).getPort();
    }

    String name() {
        return name;
    }

    /** The id that the balancer knows this server by. */
    String id() {
        return "127.0.0.1:" + port;
    }

    /** Stops listening and resets whatever is open, and tells how many connections that were, a probe's included. */
    int kill() {
        return loop.submit(() -> {
                    listening.close();
                    List<Channel> victims = List.copyOf(open);
                    for (Channel victim : victims) {
                        victim.config().setOption(ChannelOption.SO_LINGER, 0);
                        victim.close();
                    }
                    return victims.size();
                })
                .syncUninterruptibly()
                .getNow();
    }

    /** Listens again, on the same port. */
    void revive() {
        listening = listen(port);
    }

    private Channel listen(int onPort) {
        return new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        open.add(channel);
                        channel.closeFuture().addListener(closed -> open.remove(channel));
                        channel.pipeline().addLast(new LineBasedFrameDecoder(MAX_LINE), new Echo());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), onPort)
                .syncUninterruptibly()
                .channel();
    }

    private final class Echo extends SimpleChannelInboundHandler<ByteBuf> {

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf line) {
            ByteBuf answer = Unpooled.copiedBuffer(name + ": " + line.toString(US_ASCII) + "\n", US_ASCII);
            ctx.executor()
                    .schedule(
                            () -> ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE),
                            THINK_MILLIS,
                            TimeUnit.MILLISECONDS);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    @Override
    public String toString() {
        return name + " " + id();
    }
}
