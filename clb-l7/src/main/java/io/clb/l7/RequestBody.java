package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import io.clb.engine.FilterPlan;
import io.clb.engine.Loop;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What comes of a request behind its head, on its way to the server and to the server of its copy; while filters judge the request, through their {@link RequestScreening}. It is taken only as far as the
 * next on its way takes it. Its loop has it serve one exchange after another. Confined to that loop.
 */
final class RequestBody {

    private static final byte[] CONTINUES = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(US_ASCII);

    private final Loop loop;
    private @Nullable Exchange exchange;
    private @Nullable RequestScreening screening;
    private int atHand;
    private long bytes;
    private long readNanos;
    private boolean complete;
    private boolean askedFor;

    RequestBody(Loop loop) {
        this.loop = loop;
    }

    /** Is for an exchange from here on. */
    RequestBody begin(Exchange of) {
        exchange = of;
        atHand = 0;
        bytes = 0;
        readNanos = 0;
        complete = false;
        askedFor = false;
        return this;
    }

    /** The exchange has ended. */
    void rest() {
        exchange = null;
    }

    private Exchange exchange() {
        return requireNonNull(exchange);
    }

    /**
     * The head is here.
     *
     * @param whole whether there is no body
     * @param came how much of the body was read with the head, and waits
     */
    void headRead(boolean whole, int came) {
        complete = whole;
        atHand = came;
        readNanos = loop.nowNanos();
    }

    /** Has filters judge the request: it goes on when they say so. */
    void screen(FilterPlan filters) {
        RequestScreening begun = new RequestScreening(exchange(), this, filters, complete);
        screening = begun;
        begun.begin();
    }

    /** Whether nothing of it is left to come, and to be sent on. */
    boolean isComplete() {
        return complete;
    }

    /** Whether the request has none. */
    boolean isNone() {
        return complete && bytes == 0;
    }

    /** How much of it was read with the head. */
    int atHand() {
        return atHand;
    }

    /** How much of it has come, but for what waits. */
    long bytes() {
        return bytes;
    }

    /** When the last of the request came. */
    long readNanos() {
        return readNanos;
    }

    /** Whether it is the client who has to move next. */
    boolean isAwaited() {
        return !complete && takesMore() && !isHeldBack();
    }

    /** Whether the client waits for the server to ask for the body: RFC 9110 10.1.1. */
    private boolean isHeldBack() {
        return bytes == 0 && !askedFor && exchange().request.value("expect") != null;
    }

    /** The server has asked for it. */
    void askedFor() {
        askedFor = true;
    }

    /** Whether a part of it may come now. */
    boolean takesMore() {
        RequestScreening judged = screening;
        if (judged != null && judged.isHolding()) {
            return judged.wantsMore();
        }
        Upstream to = exchange().upstream();
        return to != null && to.isWritable();
    }

    /** Where its content is to be copied to, for filters; null for nowhere. */
    @Nullable
    ByteBuf content() {
        RequestScreening judged = screening;
        return judged == null ? null : judged.content();
    }

    /** A part of it came. */
    void came(ByteBuf part, boolean last) {
        Exchange of = exchange();
        int length = part.readableBytes();
        bytes += length;
        of.cameFromClient(length);
        long now = of.patience.moved();
        if (last) {
            readNanos = now;
        }
        RequestScreening judged = screening;
        if (judged == null) {
            send(part, last);
        } else {
            judged.body(part, last);
        }
    }

    /** Sends a part of it to the server. */
    void send(ByteBuf part, boolean last) {
        Exchange of = exchange();
        ClientConnection client = of.client;
        Mirror copy = of.mirror();
        if (copy != null) {
            copy.body(part, last);
        }
        // A filter may have taken its time.
        long now = of.patience.moved();
        requireNonNull(of.upstream()).body(part);
        if (last) {
            complete = true;
            // What follows is another request's, of which nobody knows the rule.
            client.reading().source(client.owningListener());
            of.patience.senderIsDone(now);
            if (of.response.hasBegun() && client.unwritten() > 0) {
                of.patience.watchReader();
            }
        }
    }

    /** There is a server: what filters have let go on goes to it. */
    void serverFound() {
        if (screening != null) {
            screening.forward();
        }
    }

    /** A filter has not answered yet. */
    void awaitFilter() {
        Exchange of = exchange();
        of.patience.turn();
        loop.backlog().look(of.client);
    }

    /** A filter has to see more of it. */
    void awaitMore() {
        Exchange of = exchange();
        if (of.upstream() == null && isHeldBack()) {
            // There is no server yet to say so.
            askedFor = true;
            ClientConnection client = of.client;
            client.write(client.allocator().directBuffer(CONTINUES.length).writeBytes(CONTINUES));
            client.flush();
            if (of.hasEnded()) {
                // The client was gone.
                return;
            }
        }
        awaitFilter();
    }

    /** Filters have seen what they wanted to. */
    void screened() {
        screening = null;
    }

    /** The filters, while one of them has to answer before the request goes on; otherwise null. */
    @Nullable
    RequestScreening asked() {
        RequestScreening judged = screening;
        return judged != null && judged.isAsked() ? judged : null;
    }

    /** How much memory what filters have not let go on takes. */
    long heldBytes() {
        RequestScreening judged = screening;
        return judged == null ? 0 : judged.heldBytes();
    }

    /** The exchange is over. */
    void end() {
        RequestScreening judged = screening;
        screening = null;
        if (judged != null) {
            judged.end();
        }
    }
}
