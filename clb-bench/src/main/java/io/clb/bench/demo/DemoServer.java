package io.clb.bench.demo;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A server on loopback that can be killed and revived. */
final class DemoServer {

    /** How long an answer takes: long enough that there is something open to see at any moment. */
    static final long THINK_MILLIS = 8;

    private static final int BACKLOG = 1_024;

    private final EventLoop loop;
    private final Consumer<ChannelPipeline> protocol;
    private final int port;

    // the loop only
    private final Set<Channel> open = new HashSet<>();

    // the thread that plays only
    private Channel listening;

    /**
     * Begins to serve on a port that the system chooses.
     *
     * @param protocol adds what reads and answers to the pipeline of a connection
     */
    DemoServer(EventLoop loop, Consumer<ChannelPipeline> protocol) {
        this.loop = loop;
        this.protocol = protocol;
        this.listening = listen(0);
        this.port = ((InetSocketAddress) listening.localAddress()).getPort();
    }

    int port() {
        return port;
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
                        protocol.accept(channel.pipeline());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), onPort)
                .syncUninterruptibly()
                .channel();
    }
}
