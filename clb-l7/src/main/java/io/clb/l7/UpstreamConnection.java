package io.clb.l7;

import static java.util.Objects.requireNonNull;

import io.clb.engine.ListenerPlan;
import io.clb.engine.PaceSource;
import io.clb.engine.RelaySide;
import io.clb.engine.RunServer;
import io.clb.engine.StreamSocket;
import io.clb.engine.Timeout;
import io.clb.engine.Traffic;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to a server: serves one exchange after the other, and waits in its loop's {@link IdleUpstreams} between two. Confined to one loop. Its timeout is that of being
 * idle; what a server may take to answer is the exchange's.
 */
final class UpstreamConnection extends Timeout implements Upstream {

    /** A server that sends more of them before its answer is broken. Not measured. */
    private static final int MAX_INTERIM = 16;

    private static final int SWITCHING_PROTOCOLS = 101;

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamConnection.class);

    // links of the list of idle connections
    @Nullable
    UpstreamConnection above;

    @Nullable
    UpstreamConnection below;

    boolean idle;

    private final HttpLoop loop;
    private final RunServer server;
    private final StreamSocket socket;
    private final BodyScanner body = new BodyScanner();
    private @Nullable Opening opening;
    private @Nullable Reply reply;
    private @Nullable Head head;
    private HttpPlan plan;
    private int interim;
    private boolean headRequest;
    private boolean responseBegun;
    private boolean reused;
    private boolean keep;
    private boolean reset;
    private boolean closed;

    /** Who has it connected. */
    interface Opening {

        /**
         * The connect is over.
         *
         * @param failure why there is no connection; null if there is
         */
        void connectEnded(UpstreamConnection connection, @Nullable Throwable failure);
    }

    private UpstreamConnection(HttpLoop loop, RunServer server, HttpPlan plan, PaceSource limited, Traffic traffic) {
        this.loop = loop;
        this.server = server;
        this.plan = plan;
        this.socket = traffic.serverSocket(loop.loop(), limited, new Heard());
    }

    /**
     * Makes a connection to a server, not yet connected.
     *
     * @param limited whose bandwidth limits hold for responses
     * @throws ChannelException if the system has no socket to give, or it takes no options
     */
    static UpstreamConnection open(
            HttpLoop loop,
            RunServer server,
            HttpPlan plan,
            ListenerPlan listenerPlan,
            PaceSource limited,
            Traffic traffic) {
        UpstreamConnection connection = new UpstreamConnection(loop, server, plan, limited, traffic);
        connection.socket.open(listenerPlan);
        connection.socket.reading().want(true);
        loop.opened(connection);
        return connection;
    }

    /** Connects it, from one of the addresses that the listener wants. */
    void connect(InetSocketAddress address, ListenerPlan listenerPlan, Traffic traffic, Opening by) {
        opening = by;
        Throwable failure = null;
        try {
            if (!traffic.connect(socket, address, listenerPlan, loop.loop())) {
                return;
            }
        } catch (IOException e) {
            failure = e;
        }
        connected(failure);
    }

    private void connected(@Nullable Throwable failure) {
        Opening by = opening;
        opening = null;
        if (by != null) {
            by.connectEnded(this, failure);
        }
    }

    RunServer server() {
        return server;
    }

    StreamSocket socket() {
        return socket;
    }

    @Override
    public void begin(Reply exchange, HttpPlan plan, Head request, PaceSource limited) {
        socket.reading().source(limited);
        this.reply = exchange;
        this.plan = plan;
        this.headRequest = request.isMethod("HEAD");
        this.responseBegun = false;
        this.interim = 0;
        this.keep = plan.persistentUpstream() && request.minorVersion > 0;
    }

    @Override
    public boolean isReused() {
        return reused;
    }

    @Override
    public void head(ByteBuf request) {
        send(request);
    }

    @Override
    public void body(ByteBuf part) {
        send(part);
    }

    private void send(ByteBuf buffer) {
        server.countSent(loop.loop(), buffer.readableBytes());
        socket.write(buffer);
    }

    @Override
    public void flush() {
        socket.flush();
    }

    @Override
    public boolean isWritable() {
        return socket.isWritable();
    }

    @Override
    public long unwritten() {
        return socket.unwritten();
    }

    @Override
    public void reading(boolean on) {
        socket.reading().want(on);
    }

    @Override
    public boolean isWaiting() {
        return socket.reading().isWaiting();
    }

    @Override
    public void cancel() {
        reply = null;
        close();
    }

    void close() {
        if (closed) {
            return;
        }
        closed = true;
        opening = null;
        dropHead();
        loop.idle().remove(this);
        loop.loop().cancel(this);
        loop.closed(this);
        socket.end(true);
    }

    /** Its loop ends. */
    void loopEnds() {
        ended(Reason.SERVER_CLOSED);
    }

    private void dropHead() {
        Head unfinished = head;
        head = null;
        if (unfinished != null) {
            loop.giveHead(unfinished);
        }
    }

    private void read(ByteBuf in) {
        server.countReceived(loop.loop(), in.readableBytes());
        try {
            while (in.isReadable()) {
                Reply to = reply;
                if (to == null) {
                    // Nobody asked: whatever it is, the next exchange must not take it for its answer.
                    close();
                    return;
                }
                if (responseBegun) {
                    readBody(to, in);
                } else {
                    readHead(to, in);
                }
            }
        } finally {
            in.release();
        }
    }

    private void readHead(Reply to, ByteBuf in) {
        Head at = head;
        if (at == null) {
            at = loop.takeHead();
            head = at;
        }
        switch (plan.scanner().response(at, in)) {
            case MORE -> {}
            case REFUSED -> fail(requireNonNull(at.refusal));
            case COMPLETE -> headComplete(to, at, in);
        }
    }

    private void headComplete(Reply to, Head at, ByteBuf in) {
        if (at.status == SWITCHING_PROTOCOLS) {
            upgrade(to, at, in);
            return;
        }
        boolean last = at.status >= 200;
        if (last) {
            responseBegun = true;
            frame(at);
            keep &= !at.close && at.minorVersion > 0 && !body.isUntilClose();
        }
        int part = last ? body.scan(in) : 0;
        if (part == BodyScanner.MALFORMED || (!last && ++interim > MAX_INTERIM)) {
            fail(Reason.BAD_RESPONSE);
            return;
        }
        head = null;
        to.head(at, in, part, last && body.isUntilClose());
        loop.giveHead(at);
        if (last && body.isComplete()) {
            complete(in);
        }
    }

    private void upgrade(Reply to, Head at, ByteBuf in) {
        if (!to.mayUpgrade(at)) {
            fail(Reason.BAD_RESPONSE);
            return;
        }
        head = null;
        reply = null;
        to.upgraded(at, in, this);
        loop.giveHead(at);
    }

    /** Makes it the server's side of a tunnel, which has its handler from here on. */
    RelaySide side(RelaySide.Owner tunnel) {
        return RelaySide.takeOver(tunnel, socket);
    }

    /** Where the body ends: RFC 9112 6.3. */
    private void frame(Head at) {
        if (headRequest || at.status == 204 || at.status == 304) {
            body.none();
        } else if (at.chunked) {
            body.chunked();
        } else if (at.hasContentLength()) {
            body.length(at.contentLength);
        } else {
            body.untilClose();
        }
    }

    private void readBody(Reply to, ByteBuf in) {
        int part = body.scan(in);
        if (part == BodyScanner.MALFORMED) {
            fail(Reason.BAD_RESPONSE);
            return;
        }
        to.body(in.readRetainedSlice(part));
        if (body.isComplete()) {
            complete(in);
        }
    }

    private void complete(ByteBuf rest) {
        Reply to = reply;
        if (to == null) {
            // It was cancelled while it was told of the last piece.
            return;
        }
        reply = null;
        reused = true;
        // What has not left, or never will, the next request would have to wait for.
        boolean sent = unwritten() == 0 && !reset;
        boolean clean = keep && sent && !rest.isReadable() && !closed;
        if (!clean) {
            close();
        }
        to.complete();
    }

    @Override
    public void release() {
        if (closed) {
            return;
        }
        socket.reading().want(true);
        if (loop.idle().add(this, plan.maxIdleUpstreams())) {
            loop.loop().arm(this, loop.loop().nowNanos() + plan.upstreamIdleNanos());
        } else {
            close();
        }
    }

    private void fail(Reason reason) {
        Reply to = reply;
        reply = null;
        close();
        if (to != null) {
            to.failed(reason);
        }
    }

    @Override
    protected void expired(long nowNanos) {
        if (idle) {
            close();
        }
    }

    /** The server closed, or reset. */
    private void ended(Reason unlessAnswered) {
        if (reply == null) {
            close();
        } else if (responseBegun && body.isUntilClose() && unlessAnswered == Reason.SERVER_CLOSED) {
            body.none();
            complete(Unpooled.EMPTY_BUFFER);
        } else {
            fail(responseBegun ? Reason.RESPONSE_TRUNCATED : unlessAnswered);
        }
    }

    /** What happens on the socket. */
    private final class Heard implements StreamSocket.Events {

        @Override
        public void connected(@Nullable Throwable failure) {
            UpstreamConnection.this.connected(failure);
        }

        @Override
        public void received(ByteBuf bytes) {
            Reply to = reply;
            read(bytes);
            if (to != null) {
                to.readEnded(to != reply);
            }
        }

        @Override
        public void readComplete() {
            Reply to = reply;
            if (to != null) {
                to.pause();
            }
        }

        @Override
        public void written() {
            Reply to = reply;
            if (to != null && socket.isWritable()) {
                to.writable();
            }
        }

        @Override
        public void allWritten() {
            throw new AssertionError("nobody waits for that");
        }

        @Override
        public void inputEnded() {
            gone();
        }

        /** Closes nothing: the answer may be there already, and reading it comes to the end of this connection. */
        @Override
        public void writeFailed(IOException cause) {
            reset = true;
        }

        /** The answer may stand before it. */
        @Override
        public boolean hearsOfResets() {
            return false;
        }

        @Override
        public void failed(@Nullable Throwable cause) {
            if (cause == null || cause instanceof IOException) {
                reset |= cause != null;
                gone();
            } else if (!closed) {
                LOG.error("connection {} failed", socket, cause);
                fail(Reason.INTERNAL_ERROR);
            }
        }

        private void gone() {
            if (!closed) {
                ended(reset ? Reason.SERVER_RESET : Reason.SERVER_CLOSED);
            }
        }
    }
}
