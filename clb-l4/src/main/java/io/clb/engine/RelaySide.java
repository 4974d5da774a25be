package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One of the two sides of a relay: what is read here is written to the other side. Both are on one loop.
 *
 * <p>Back-pressure: when the other side cannot take more, reading stops here until it can. A FIN is passed on once everything before it was written, and the
 * way back stays open. A reset, or any failure of the socket, is told to the owner, who resets the other side.
 *
 * <p>Until it is {@linkplain #join joined}, a side holds what comes. It is opened with reading off, so this is only what was read behind a header, and what Netty's epoll
 * reads all the same when a FIN has come (one receive buffer of the system at most).
 */
public final class RelaySide {

    /** What a relay tells about. */
    public interface Owner {

        /**
         * A {@linkplain RelaySide#connect connect} that took its time is over.
         *
         * @param side which
         * @param failure why there is no connection; null if there is
         */
        void connected(RelaySide side, @Nullable Throwable failure);

        /**
         * Bytes came.
         *
         * @param side where from
         * @param bytes how many
         */
        void received(RelaySide side, int bytes);

        /**
         * Tells what goes to the other side of what came. Called before it is written there, so the sides are not to be ended from here.
         *
         * @param side where from
         * @param bytes what came, the callee's to release unless returned
         * @return what goes on, which may be nothing; all of it unless overridden
         */
        default ByteBuf passed(RelaySide side, ByteBuf bytes) {
            return bytes;
        }

        /**
         * A side was reset, or its socket failed. Nothing more moves.
         *
         * @param side which
         * @param cause what the system said; null if the channel just closed
         */
        void failed(RelaySide side, @Nullable Throwable cause);

        /** Bytes were read that did not leave at once. */
        void held();

        /** Both sides sent their FIN, and all that came before was written. */
        void finished();
    }

    private final Owner owner;
    private final StreamSocket socket;
    private @Nullable RelaySide other;
    private @Nullable Queue<ByteBuf> held;
    private long heldBytes;
    private boolean discarded;
    private boolean finCame;
    private boolean inputEnded;
    private boolean outputEnded;

    private RelaySide(Owner owner, Function<StreamSocket.Events, StreamSocket> socket) {
        this.owner = owner;
        this.socket = socket.apply(new Heard());
    }

    /**
     * Makes a client's connection a side of a relay, with reading off. On its loop.
     *
     * @param owner hears what happens, from within this call on
     * @param traffic the balancer's
     * @param client not registered with its event loop, unless its header was read
     * @param plan the socket options
     * @param loop its loop
     * @return the side
     * @throws ChannelException if the socket takes no options or cannot be waited for; it is closed then
     */
    public static RelaySide of(Owner owner, Traffic traffic, SocketChannel client, ListenerPlan plan, Loop loop) {
        RelaySide side = new RelaySide(
                owner,
                events -> traffic.transport()
                        .clientSocket(client, loop, plan.listener(), StreamSocket.Use.RELAY, events));
        side.socket.open(plan);
        return side;
    }

    /**
     * Opens the side towards a server, with reading off. On its loop.
     *
     * @param owner hears what happens, from within this call on
     * @param traffic the balancer's
     * @param plan the socket options
     * @param loop its loop
     * @return the side, not yet connected
     * @throws ChannelException if the system has no socket to give, or it takes no options or cannot be waited for
     */
    public static RelaySide open(Owner owner, Traffic traffic, ListenerPlan plan, Loop loop) {
        RelaySide side = new RelaySide(
                owner,
                events -> traffic.transport().serverSocket(loop, plan.listener(), StreamSocket.Use.RELAY, events));
        side.socket.open(plan);
        return side;
    }

    /**
     * Makes a connection that served another purpose a side of a relay, with reading off. On its loop.
     *
     * @param owner hears what happens
     * @param socket connected; whoever has heard of it so far hears no more
     * @return the side
     */
    public static RelaySide takeOver(Owner owner, StreamSocket socket) {
        return new RelaySide(owner, events -> {
            socket.relay(events);
            return socket;
        });
    }

    /**
     * Connects to a server, from one of the addresses that the listener wants.
     *
     * @param server where to
     * @param plan the listener
     * @param loop its loop
     * @return true if it is connected already; else the owner is told
     * @throws IOException if that fails at once
     */
    public boolean connect(InetSocketAddress server, ListenerPlan plan, Loop loop) throws IOException {
        return socket.connect(server, plan.sources().next(server, loop));
    }

    /**
     * Returns how it is read.
     *
     * @return what says whether it waits for bandwidth
     */
    public Reading reading() {
        return socket.reading();
    }

    /**
     * Returns the port at this end.
     *
     * @return the port; 0 if the system does not know any more
     */
    public int localPort() {
        return socket.localPort();
    }

    /**
     * Writes what the other side did not send.
     *
     * @param bytes what to write; released
     */
    public void send(ByteBuf bytes) {
        socket.write(bytes);
        socket.flush();
    }

    /**
     * Lets bytes flow between two sides.
     *
     * @param a one side, connected
     * @param b the other, connected
     */
    public static void join(RelaySide a, RelaySide b) {
        a.other = b;
        b.other = a;
        a.release();
        b.release();
        a.reading().want(true);
        b.reading().want(true);
    }

    /**
     * Takes what was read here before this was a side, to pass it on. The owner is not told that it was received.
     *
     * @param bytes what was read; released
     */
    public void receive(ByteBuf bytes) {
        pass(bytes);
        if (other != null) {
            other.socket.flush();
        }
    }

    private void pass(ByteBuf bytes) {
        RelaySide to = other;
        if (to == null) {
            hold(bytes);
            return;
        }
        ByteBuf passed = owner.passed(this, bytes);
        if (!passed.isReadable()) {
            passed.release();
            return;
        }
        to.socket.write(passed);
        if (!to.socket.isWritable()) {
            reading().want(false);
            owner.held();
        }
    }

    /** Takes down that its FIN came, here or before this was a side. */
    public void finCame() {
        finCame = true;
        endInput();
    }

    /** Goes on as if a FIN had come, if none has: the other side gets one after all that is still to be written there. */
    public void endInput() {
        if (inputEnded) {
            return;
        }
        inputEnded = true;
        if (other != null) {
            passFin();
        }
    }

    /**
     * Tells whether its FIN has come.
     *
     * @return true from then on
     */
    public boolean hasFinished() {
        return finCame;
    }

    /** Passes on what was held. */
    private void release() {
        Queue<ByteBuf> waiting = held;
        held = null;
        heldBytes = 0;
        if (waiting != null) {
            StreamSocket out = requireNonNull(other).socket;
            waiting.forEach(out::write);
            out.flush();
        }
        if (inputEnded) {
            passFin();
        }
    }

    /**
     * Closes it, and lets go of what was held, and of what may still come.
     *
     * @param inOrder whether with FIN, or with RST
     */
    public void end(boolean inOrder) {
        discarded = true;
        Queue<ByteBuf> waiting = held;
        held = null;
        heldBytes = 0;
        if (waiting != null) {
            waiting.forEach(ByteBuf::release);
        }
        socket.end(inOrder);
    }

    /**
     * Returns how much was read from the other side and not yet written here.
     *
     * @return bytes; 0 when it is closed
     */
    public long unwritten() {
        return socket.unwritten();
    }

    /**
     * Returns how much memory is taken by what was read from the other side and not yet written here, and what was read here and nobody has yet.
     *
     * @return bytes
     */
    public long held() {
        return unwritten() + heldBytes;
    }

    private void hold(ByteBuf buffer) {
        if (discarded) {
            buffer.release();
            return;
        }
        if (held == null) {
            held = new ArrayDeque<>();
        }
        held.add(buffer);
        heldBytes += buffer.capacity();
        owner.held();
    }

    /** Ends the other side's output once all is written; the second time round, all is over. */
    private void passFin() {
        RelaySide to = requireNonNull(other);
        if (to.unwritten() == 0) {
            to.endOutput();
        } else {
            to.socket.awaitWritten();
        }
    }

    private void endOutput() {
        outputEnded = true;
        if (inputEnded && requireNonNull(other).outputEnded) {
            owner.finished();
        } else {
            socket.endOutput();
        }
    }

    @Override
    public String toString() {
        return socket.toString();
    }

    /** What happens on the socket. */
    private final class Heard implements StreamSocket.Events {

        @Override
        public void connected(@Nullable Throwable failure) {
            owner.connected(RelaySide.this, failure);
        }

        @Override
        public void received(ByteBuf bytes) {
            owner.received(RelaySide.this, bytes.readableBytes());
            pass(bytes);
        }

        @Override
        public void readComplete() {
            RelaySide to = other;
            if (to != null) {
                to.socket.flush();
                if (to.unwritten() > 0) {
                    owner.held();
                }
            }
        }

        @Override
        public void written() {
            if (other != null && socket.isWritable()) {
                other.reading().want(true);
            }
        }

        @Override
        public void allWritten() {
            endOutput();
        }

        @Override
        public void inputEnded() {
            finCame();
        }

        @Override
        public void failed(@Nullable Throwable cause) {
            owner.failed(RelaySide.this, cause);
        }
    }
}
