package io.clb.bench.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.util.concurrent.TimeUnit;

/** Reads a line, thinks, sends it back behind the server's name, and closes. */
final class EchoHandler extends SimpleChannelInboundHandler<ByteBuf> {

    private static final int MAX_LINE = 1_024;

    private final String name;

    private EchoHandler(String name) {
        this.name = name;
    }

    /** Has a connection speak so. */
    static void addTo(ChannelPipeline pipeline, String name) {
        pipeline.addLast(new LineBasedFrameDecoder(MAX_LINE), new EchoHandler(name));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf line) {
        ByteBuf answer = Unpooled.copiedBuffer(name + ": " + line.toString(US_ASCII) + "\n", US_ASCII);
        ctx.executor()
                .schedule(
                        () -> ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE),
                        DemoServer.THINK_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
