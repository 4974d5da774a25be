package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Answers that leave at once, past Netty's channel: nothing waits. */
record EpollReplies(Socket socket) implements Replies {

    @Override
    public boolean send(InetSocketAddress client, ByteBuf datagram) {
        try {
            return EpollDatagrams.send(socket, datagram, client);
        } catch (IOException e) {
            return false;
        } finally {
            datagram.release();
        }
    }

    @Override
    public void flush() {}
}
