package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;

/** Answers that leave through a channel of Netty's: up to 16 wait in it. What is lost then, it tells of itself. */
record ChannelReplies(DatagramChannel channel) implements Replies {

    @Override
    public int send(InetSocketAddress client, ByteBuf datagram) {
        if (!channel.isWritable()) {
            channel.flush();
        }
        if (!channel.isWritable()) {
            datagram.release();
            return 1;
        }
        channel.write(new DatagramPacket(datagram, client), channel.voidPromise());
        return 0;
    }

    @Override
    public int flush() {
        channel.flush();
        return 0;
    }
}
