package io.clb.l7;

import static java.util.Objects.requireNonNull;

import io.clb.engine.ListenerPlan;
import io.clb.engine.Reading;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * What comes from a client, taken apart into requests: heads, bodies, and what has to wait for its turn, meanwhile reading rests. One request is read at a time; the next
 * begins when its connection says {@link #next}. Confined to one loop.
 */
final class RequestReader {

    private enum Part {
        /** Nothing of a request has come. */
        NOTHING,
        /** A part of a head has come. */
        HEAD,
        /** The head is complete: it is being served, and its body may come. */
        REQUEST,
        /** Whatever comes is thrown away. */
        CLOSED
    }

    private final ClientConnection connection;
    private final HttpLoop loop;
    private final Reading reading;
    private final BodyScanner body = new BodyScanner();
    private Part part = Part.NOTHING;
    private @Nullable ListenerPlan listenerPlan;
    private @Nullable HttpPlan plan;
    private @Nullable Head head;
    private @Nullable ByteBuf pending;
    private boolean working;

    RequestReader(ClientConnection connection, HttpLoop loop, Reading reading) {
        this.connection = connection;
        this.loop = loop;
        this.reading = reading;
    }

    /** The plan that was in force when the request began. */
    ListenerPlan listenerPlan() {
        return requireNonNull(listenerPlan);
    }

    /** What HTTP reads of it. */
    HttpPlan plan() {
        return requireNonNull(plan);
    }

    /** The head of the request, complete or not. */
    Head head() {
        return requireNonNull(head);
    }

    boolean isInHead() {
        return part == Part.HEAD;
    }

    boolean isIdle() {
        return part == Part.NOTHING;
    }

    /** Whether the request under way has come to its end. */
    boolean isComplete() {
        return body.isComplete();
    }

    /** Whether something waits for its turn. */
    boolean hasPending() {
        return pending != null;
    }

    /** Whether it is within {@link #work}, which will go on by itself. */
    boolean isWorking() {
        return working;
    }

    /** Takes what came. */
    void read(ByteBuf in) {
        if (part == Part.CLOSED) {
            in.release();
            return;
        }
        ByteBuf before = pending;
        // Reading rests while something is pending, but what the system had ready may still come.
        pending = before == null ? in : Unpooled.wrappedBuffer(before, in);
        work();
    }

    /** Takes what is pending as far as it may go now. */
    void work() {
        if (working) {
            return;
        }
        working = true;
        try {
            while (pending != null && step(pending)) {
                // on to the next piece
            }
        } finally {
            working = false;
        }
        if (part == Part.CLOSED) {
            dropPending();
        }
        if (pending == null) {
            connection.allTaken();
        }
        rest(pending != null);
    }

    /** How much memory what waits for its turn takes. */
    long pendingBytes() {
        ByteBuf waiting = pending;
        return waiting == null ? 0 : waiting.capacity();
    }

    /** Takes one part of a message. False if it has to wait. */
    private boolean step(ByteBuf in) {
        if (!in.isReadable()) {
            in.release();
            pending = null;
            return false;
        }
        return switch (part) {
            // A client that sends requests and reads no answers gets no more of them.
            case NOTHING, HEAD -> connection.isWritable() && readHead(in);
            case REQUEST -> readBody(in);
            case CLOSED -> false;
        };
    }

    private boolean readHead(ByteBuf in) {
        Head filling = head;
        if (filling == null) {
            listenerPlan = connection.owningListener().plan();
            plan = (HttpPlan) listenerPlan.compiled();
            filling = loop.takeHead();
            head = filling;
            connection.requestBegins();
        }
        switch (plan().scanner().request(filling, in)) {
            case MORE -> {
                if (part == Part.NOTHING) {
                    part = Part.HEAD;
                    connection.headIsPartial(plan());
                }
            }
            case REFUSED -> {
                refused();
                connection.refuse(requireNonNull(filling.refusal));
            }
            case COMPLETE -> {
                if (filling.contentLength > plan().maxBodySize()) {
                    refused();
                    connection.refuse(Reason.REQUEST_BODY_TOO_LARGE);
                } else {
                    part = Part.REQUEST;
                    frame(filling);
                    connection.serve(body.isComplete(), bodyAtHand(filling, in));
                }
            }
        }
        return true;
    }

    /** Where the body ends: RFC 9112 6.3. */
    private void frame(Head complete) {
        if (complete.chunked) {
            body.chunked(plan().maxBodySize(), plan().scanner().leniency().underscores());
        } else if (complete.hasContentLength()) {
            body.length(complete.contentLength);
        } else {
            body.none();
        }
    }

    /** How much of the body has come; where it does not say how long it is, all that has. */
    private int bodyAtHand(Head complete, ByteBuf in) {
        if (body.isComplete()) {
            return 0;
        }
        return complete.chunked ? in.readableBytes() : (int) Math.min(complete.contentLength, in.readableBytes());
    }

    private boolean readBody(ByteBuf in) {
        Exchange exchange = connection.exchange();
        if (body.isComplete() || exchange == null || !exchange.body.takesMore()) {
            return false;
        }
        int bytes = body.scan(in, exchange.body.content());
        if (bytes < 0) {
            refused();
            connection.malformed(
                    exchange, bytes == BodyScanner.TOO_LARGE ? Reason.REQUEST_BODY_TOO_LARGE : Reason.BAD_BODY);
        } else {
            exchange.body.came(in.readRetainedSlice(bytes), body.isComplete());
        }
        return true;
    }

    /** No more of this request will be read: it is to be answered, and it is the last one. */
    void refused() {
        part = Part.REQUEST;
        body.none();
    }

    /** The request was answered: another may come. */
    void next() {
        part = Part.NOTHING;
        reading.source(connection.owningListener());
        listenerPlan = null;
        plan = null;
        dropHead();
    }

    /** From here on whatever comes is thrown away. */
    void close() {
        part = Part.CLOSED;
        dropPending();
        rest(false);
    }

    /** Gives away what is pending, and takes nothing more. */
    @Nullable
    ByteBuf handOver() {
        ByteBuf early = pending;
        pending = null;
        part = Part.CLOSED;
        return early;
    }

    /** Gives back the head: nobody looks at the request any more. */
    void dropHead() {
        Head read = head;
        head = null;
        if (read != null) {
            loop.giveHead(read);
        }
    }

    private void dropPending() {
        ByteBuf unread = pending;
        pending = null;
        if (unread != null) {
            unread.release();
        }
    }

    private void rest(boolean on) {
        if (reading.isWanted() == on) {
            reading.want(!on);
        }
    }
}
