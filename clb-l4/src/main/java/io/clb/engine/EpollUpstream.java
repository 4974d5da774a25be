package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A datagram socket to a server, on epoll, without a channel, which costs less for each datagram (docs/benchmarks.md, "TCP and UDP"). Nothing waits in it: what
 * the system has no room for is lost.
 */
final class EpollUpstream implements DatagramUpstream, EpollIoHandle {

    private static final Logger LOG = LoggerFactory.getLogger(EpollUpstream.class);

    /** Datagrams that are read in a turn at most, so that other sockets have theirs. Not measured. */
    private static final int MOST_READ = 16;

    private final Socket socket;
    private final UdpSegments segments;
    private final Loop loop;
    private final Events events;
    private @Nullable IoRegistration registration;
    private int quota = 1;

    private EpollUpstream(Socket socket, Loop loop, Events events) {
        this.socket = socket;
        this.segments = new UdpSegments(socket);
        this.loop = loop;
        this.events = events;
    }

    /**
     * Opens one, on its loop.
     *
     * @throws ChannelException if the system has no socket to give, or it cannot be waited for
     */
    static EpollUpstream open(Loop loop, Events events) {
        EpollUpstream upstream = new EpollUpstream(Socket.newSocketDgram(), loop, events);
        try {
            upstream.registration = EpollHandlers.register(loop, upstream, EpollIoOps.EPOLLIN);
            return upstream;
        } catch (RuntimeException | Error e) {
            upstream.closeSocket();
            throw e;
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public void connect(InetSocketAddress server, @Nullable InetSocketAddress source) throws IOException {
        if (source != null) {
            socket.bind(source);
        }
        socket.connect(server);
    }

    /** It leaves with those behind it, at the end of the loop's turn. */
    @Override
    public void send(ByteBuf datagram) {
        loop.row().add(this, datagram);
    }

    UdpSegments segments() {
        return segments;
    }

    /**
     * Sends datagrams, or gives them back.
     *
     * @param row those, which is released
     * @param size of each, in bytes
     * @param count how many they are
     */
    void send(ByteBuf row, int size, int count) {
        try {
            for (int i = sendSome(row, size, count); i < count; i++) {
                events.unsent(row.retainedSlice(row.readerIndex() + i * size, size));
            }
        } finally {
            row.release();
        }
    }

    /** Returns how many are done with: all, unless the socket is closed. */
    private int sendSome(ByteBuf row, int size, int count) {
        int done = 0;
        boolean again = false;
        while (done < count && socket.isOpen()) {
            try {
                int sent = segments.send(row, done, count, size, null);
                IOException earlier = segments.earlier();
                if (earlier != null) {
                    events.failed(earlier);
                }
                if (sent == 0) {
                    // Nor is there room for those behind it.
                    events.lost(count - done);
                    return count;
                }
                done += sent;
                again = false;
                events.sent(sent, size);
            } catch (IOException e) {
                // What is told of an earlier one is told once.
                if (again) {
                    done++;
                } else {
                    events.failed(e);
                }
                again = !again;
            }
        }
        return done;
    }

    @Override
    public void handle(IoRegistration registered, IoEvent event) {
        try {
            readSome();
            events.readComplete();
        } catch (RuntimeException | Error e) {
            // Netty's loop would rest for a second.
            LOG.error("a socket to a server is closed for an unforeseen error", e);
            close();
        }
    }

    /**
     * Reads as many as came before, and more if there were so many: a call that finds nothing is a waste where they come one by one. They stand behind one another, so that
     * answers may leave together.
     */
    private void readSome() {
        ByteBuf buffer = loop.datagrams().take(quota * DatagramBatches.MAX_DATAGRAM);
        try {
            int read = 0;
            while (read < quota && EpollDatagrams.read(socket, buffer)) {
                read++;
                events.received(buffer.readRetainedSlice(buffer.readableBytes()));
            }
            quota = read < quota ? Math.max(1, read) : Math.min(MOST_READ, 2 * quota);
        } catch (IOException | RuntimeException | Error e) {
            events.failed(e);
        } finally {
            buffer.release();
        }
    }

    /** Called by its association, or by a loop that ends. */
    @Override
    public void close() {
        try {
            loop.row().flush(this);
        } finally {
            if (socket.isOpen()) {
                closeSocket();
                events.closed();
            }
        }
    }

    private void closeSocket() {
        if (registration != null) {
            registration.cancel();
        }
        try {
            socket.close();
        } catch (IOException e) {
            LOG.warn("a socket to a server could not be closed", e);
        }
    }
}
