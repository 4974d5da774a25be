package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket on epoll, without a channel, which costs less for each request and each connection (docs/decisions/0019).
 *
 * <p>The system is asked to tell of everything, edge-triggered: that there is something to read is remembered until a read has found less than there was room for,
 * or nothing. What a relay reads goes through one buffer of the loop, and is written to the other socket from there; what that does not take waits there. Messages may be held for
 * long, so they are read into buffers of their own. Only a socket that had no room once, or connects, hears of room, as Netty makes two objects of each event that tells of
 * more than one thing.
 */
final class EpollStreamSocket implements StreamSocket, EpollIoHandle, Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(EpollStreamSocket.class);

    /** Something urgent has come (RFC 793 3.7), which a read stops before; in the kernel's eventpoll.h. */
    private static final int EPOLLPRI = 0x2;

    private static final EpollIoOps INPUT = EpollIoOps.EPOLLIN
            .with(EpollIoOps.EPOLLRDHUP)
            .with(EpollIoOps.valueOf(EPOLLPRI))
            .with(EpollIoOps.EPOLLET);

    private static final EpollIoOps ALL = INPUT.with(EpollIoOps.EPOLLOUT);

    /** What a read would find something by, be it an end. */
    private static final int SOMETHING =
            EpollIoOps.EPOLLIN.value() | EpollIoOps.EPOLLRDHUP.value() | EpollIoOps.EPOLLERR.value() | EPOLLPRI;

    /** After so many events a connection to a server is thought to live on, and worth a call, so that it hears of no more room. Not measured. */
    private static final int LONG_LIVED = 8;

    /** Reads in a turn, so that other sockets have theirs: as many as Netty makes. */
    private static final int MOST_READS = 16;

    /** The smallest read of messages, and under a bandwidth limit. */
    private static final int LEAST = 2_048;

    private final Socket socket;
    private final boolean accepted;
    private final Loop loop;
    private final Reading reading;
    private final EpollOutput output;
    private Events events;
    private Use use;
    private @Nullable IoRegistration registration;
    private @Nullable Linger linger;
    private long registeredTurn;
    private int expected = LEAST;
    private boolean open = true;
    private boolean connecting;
    private boolean awaited;
    private boolean reads;
    private boolean readable;
    private boolean endsShort;
    private boolean failed;
    private boolean limited;
    private boolean armedAgain;
    private boolean hearsOfRoom;
    private boolean hadNoRoom;
    private boolean readLittle;
    private byte tellings;
    private boolean inputEnded;
    private boolean planned;

    /** Takes over a socket that is connected or not. */
    EpollStreamSocket(
            Socket socket,
            boolean accepted,
            Loop loop,
            Direction direction,
            PaceSource source,
            Use use,
            Events events) {
        this.socket = socket;
        this.accepted = accepted;
        this.loop = loop;
        this.use = use;
        this.events = events;
        this.output = new EpollOutput(socket, loop, use == Use.MESSAGES);
        this.reading = new Reading(loop, direction, source, false) {

            @Override
            protected boolean isOpen() {
                return open;
            }

            @Override
            protected void read(boolean on) {
                reads = on && !inputEnded;
                readLater();
            }
        };
    }

    @Override
    public void open(ListenerPlan plan) {
        try {
            EpollTcp.prepare(socket, accepted, plan);
            linger = plan.linger();
            if (accepted) {
                register(INPUT);
            }
        } catch (IOException e) {
            end(false);
            throw new ChannelException(e);
        } catch (RuntimeException | Error e) {
            end(false);
            throw e;
        }
    }

    private void register(EpollIoOps ops) {
        registeredTurn = loop.turn();
        hearsOfRoom = ops.contains(EpollIoOps.EPOLLOUT);
        registration = EpollHandlers.register(loop, this, ops);
    }

    /** Has the system look anew whether there is anything to tell. */
    private void submit() {
        EpollIoOps ops = hearsOfRoom ? ALL : INPUT;
        // Failures are told always: it makes but another set of the same meaning, which Netty hands on.
        armedAgain = !armedAgain;
        requireNonNull(registration).submit(armedAgain ? ops.with(EpollIoOps.EPOLLERR) : ops);
    }

    @Override
    public boolean connect(InetSocketAddress server, @Nullable InetSocketAddress source) throws IOException {
        if (source != null) {
            EpollTcp.bind(socket, source);
        }
        connecting = !socket.connect(server);
        try {
            // Not before, as a socket that is neither is said to have hung up.
            register(ALL);
        } catch (ChannelException e) {
            throw new IOException(e);
        }
        return !connecting;
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public Reading reading() {
        return reading;
    }

    @Override
    public void handle(IoRegistration registered, IoEvent event) {
        // What is told in the turn that it came in is of another socket, which had its number before.
        if (!open || loop.turn() == registeredTurn) {
            return;
        }
        try {
            handle(((EpollIoEvent) event).ops().value());
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void handle(int told) {
        failed |= (told & EpollIoOps.EPOLLERR.value()) != 0;
        endsShort |= (told & (EpollIoOps.EPOLLRDHUP.value() | EPOLLPRI)) != 0;
        readable |= (told & SOMETHING) != 0;
        boolean room = (told & EpollIoOps.EPOLLOUT.value()) != 0;
        if (connecting) {
            if (room || failed) {
                finishConnect();
                // What came with it is not told of again.
                readLater();
            }
            return;
        }
        if (room && output.isBlocked()) {
            writeWaiting();
        }
        if (room && !hadNoRoom && ++tellings > LONG_LIVED && open) {
            hearsOfRoom = false;
            submit();
        }
        if (reads && !planned) {
            readSome();
        } else if (!reads) {
            tellIfReset();
        }
    }

    /** Nothing is read, so a read does not tell of it. */
    private void tellIfReset() {
        if (open && isReset()) {
            events.reset();
        }
    }

    private void finishConnect() {
        Throwable failure = null;
        try {
            connecting = !socket.finishConnect();
        } catch (IOException e) {
            connecting = false;
            failure = e;
        }
        if (!connecting) {
            events.connected(failure);
        }
    }

    private boolean isReset() {
        try {
            return failed && events.hearsOfResets() && socket.getSoError() != 0;
        } catch (IOException e) {
            return true;
        }
    }

    /** What is no fault of the socket's, but of the code that hears of it, must not end the loop, and the connection must end. */
    private void fail(Throwable e) {
        if (open) {
            events.failed(e);
        } else {
            LOG.error("an unforeseen error in the end of a connection", e);
        }
    }

    /** Goes on in the next turn, if there may be something to read. */
    private void readLater() {
        if (open && reads && readable && !planned) {
            planned = true;
            loop.inNextTurn(this);
        }
    }

    @Override
    public void run() {
        planned = false;
        try {
            if (open && reads) {
                readSome();
            }
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void readSome() {
        boolean any = false;
        boolean ended = false;
        IOException failure = null;
        try {
            for (int i = 0; i < MOST_READS && open && reads && readable && (i == 0 || reading.mayGoOn()); i++) {
                int bytes = read();
                any |= bytes > 0;
                ended = bytes < 0;
            }
        } catch (IOException e) {
            readable = false;
            failure = e;
        }
        reading.rests();
        if (any && open) {
            // Before the end is told: what came is to go on its way first.
            events.readComplete();
        }
        if (open && failure != null) {
            events.failed(failure);
        } else if (open && ended) {
            endInput();
        }
        if (open && reads && readable && limited) {
            tellAgain();
        } else if (open && reads) {
            readLater();
        } else {
            tellIfReset();
        }
    }

    private void endInput() {
        readable = false;
        reads = false;
        inputEnded = true;
        if (isReset()) {
            // Behind its FIN, and in the same turn.
            events.reset();
        } else {
            events.inputEnded();
        }
    }

    /** Has the system tell again whether there is something to read: a limit is to be asked by those alone that have something. */
    private void tellAgain() {
        readable = false;
        submit();
    }

    /** How much came; 0 for nothing, less for the end. */
    private int read() throws IOException {
        int allowed = reading.allowance(expected);
        if (allowed == 0) {
            return 0;
        }
        limited = allowed != Reading.ANY;
        int room = Math.min(allowed, use == Use.MESSAGES ? expected : ReadBuffer.STREAM);
        ByteBuf buffer = use == Use.MESSAGES
                ? loop.allocator().directBuffer(room, room)
                : loop.bytes().take(room);
        int bytes = 0;
        try {
            bytes = receive(buffer, room);
        } finally {
            if (bytes <= 0) {
                buffer.release();
            }
        }
        // Less than there is room for is all there was; but there may be a FIN behind it, or what is behind something
        // urgent.
        readable &= bytes == room || (bytes > 0 && endsShort);
        if (bytes > 0) {
            expect(bytes, bytes == room);
            reading.passed(bytes);
            events.received(buffer.writerIndex(buffer.writerIndex() + bytes));
        }
        return bytes;
    }

    /** How much the next read will find, by what this one has. Room for messages becomes less when two in a row are far from filling it. */
    private void expect(int bytes, boolean full) {
        if (full) {
            expected = Math.min(2 * Math.max(bytes, expected / 2), ReadBuffer.STREAM);
            readLittle = false;
        } else if (use == Use.RELAY) {
            expected = Math.max(LEAST, bytes);
        } else if (bytes > expected / 4) {
            readLittle = false;
        } else if (readLittle) {
            expected = Math.max(LEAST, expected / 2);
            readLittle = false;
        } else {
            readLittle = true;
        }
    }

    private int receive(ByteBuf buffer, int room) throws IOException {
        int begin = buffer.writerIndex();
        if (buffer.hasMemoryAddress()) {
            return socket.recvAddress(buffer.memoryAddress(), begin, begin + room);
        }
        ByteBuffer nio = buffer.internalNioBuffer(begin, room);
        return socket.recv(nio, nio.position(), nio.limit());
    }

    @Override
    public void write(ByteBuf bytes) {
        try {
            if (open) {
                output.write(bytes);
                hearOfRoom();
            }
        } catch (IOException e) {
            events.writeFailed(e);
        } finally {
            bytes.release();
        }
    }

    @Override
    public void flush() {
        if (!open || output.isEmpty()) {
            return;
        }
        boolean writable = output.isWritable();
        try {
            output.flush();
            hearOfRoom();
        } catch (IOException e) {
            events.writeFailed(e);
            return;
        }
        if (!writable && output.isWritable()) {
            events.written();
        }
    }

    /** From now on, where something waits for room: what was short of room once is so again. */
    private void hearOfRoom() {
        if (output.isBlocked() && !hadNoRoom) {
            hadNoRoom = true;
            if (!hearsOfRoom) {
                hearsOfRoom = true;
                submit();
            }
        }
    }

    private void writeWaiting() {
        try {
            output.writeWaiting();
        } catch (IOException e) {
            events.writeFailed(e);
            return;
        }
        events.written();
        if (awaited && open && output.isEmpty()) {
            awaited = false;
            events.allWritten();
        }
    }

    @Override
    public boolean isWritable() {
        return output.isWritable();
    }

    @Override
    public long unwritten() {
        return output.memory();
    }

    @Override
    public void awaitWritten() {
        awaited = true;
    }

    @Override
    public void endOutput() {
        try {
            if (open) {
                socket.shutdown(false, true);
            }
        } catch (IOException | NotYetConnectedException e) {
            LOG.debug("no FIN on {}", this, e);
        }
    }

    @Override
    public int localPort() {
        InetSocketAddress local = open ? socket.localAddress() : null;
        return local == null ? 0 : local.getPort();
    }

    @Override
    public long roundTripMicros() {
        return open ? EpollTcp.roundTripMicros(socket) : -1;
    }

    @Override
    public boolean hasStirred() {
        return !open || EpollTcp.hasStirred(socket);
    }

    @Override
    public void relay(Events relay) {
        reading.want(false);
        events = relay;
        use = Use.RELAY;
        if (output.stopGathering()) {
            // Not now, as whoever hears of it may not be ready to.
            hadNoRoom = true;
            hearsOfRoom = true;
            submit();
        }
    }

    @Override
    public void end(boolean inOrder) {
        if (!open) {
            return;
        }
        open = false;
        try {
            if (!inOrder) {
                socket.setSoLinger(0);
            } else if (linger != null) {
                EpollTcp.giveUpAfter(socket, linger.millis());
            }
        } catch (IOException e) {
            LOG.debug("no option on {}, which is gone", this, e);
        }
        try {
            // First, which takes it out of the epoll set too.
            socket.close();
        } catch (IOException e) {
            LOG.warn("{} could not be closed", this, e);
        }
        if (registration != null) {
            registration.cancel();
        }
        output.clear();
        reading.gone();
    }

    /** Called by a loop that ends. */
    @Override
    public void close() {
        if (open) {
            events.failed(null);
            end(false);
        }
    }

    @Override
    public String toString() {
        return socket.toString();
    }
}
