package io.clb.l7;

import io.clb.engine.FilterPlan;
import io.clb.engine.Screening;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A request while filters judge it: first its head, then each part of its body. What they have not let go on is held, and nothing more is read unless they ask for it. Confined to its
 * connection's loop.
 */
final class RequestScreening {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final Exchange exchange;
    private final RequestGate gate;
    private final RequestBody body;
    private final ByteBufAllocator allocator;
    private final Screening screening;
    private final int maxHeld;

    /** What came of the body and was not let go on, framing included; a copy from when more is wanted on. */
    private @Nullable ByteBuf held;

    private boolean copied;

    /** What is shown of it. */
    private @Nullable ByteBuf content;

    private int shown;
    private boolean bodyEnded;
    private boolean headPassed;
    private boolean wantsMore;
    private boolean ended;

    RequestScreening(Exchange exchange, RequestBody body, FilterPlan filters, boolean complete) {
        HttpLoop loop = exchange.client.httpLoop();
        this.exchange = exchange;
        this.gate = loop.gate();
        this.body = body;
        this.allocator = exchange.client.allocator();
        this.screening = new Screening(filters, loop.loop(), exchange.traffic, this::answered);
        this.maxHeld = filters.maxHeld();
        this.bodyEnded = complete;
    }

    /** Asks about the head. */
    void begin() {
        settle(screening.ask((filter, ruling) -> filter.request(exchange, ruling)));
    }

    /** Whether what comes of the body is not to be sent on as it comes. */
    boolean isHolding() {
        return !headPassed || wantsMore || held != null || screening.isAsked();
    }

    /** Whether a filter has to see more. */
    boolean wantsMore() {
        return wantsMore && !screening.isAsked();
    }

    /** Where the content of the body is to be copied to. */
    ByteBuf content() {
        if (content == null) {
            content = allocator.directBuffer();
        }
        return content;
    }

    /** A part of the body, whose content was copied. */
    void body(ByteBuf part, boolean last) {
        bodyEnded = last;
        hold(part);
        ByteBuf bytes = content();
        if (bytes.readableBytes() == shown && !last) {
            // Nothing but what frames it.
            settle(wantsMore ? Screening.Outcome.MORE : Screening.Outcome.PASSED);
            return;
        }
        shown = bytes.readableBytes();
        settle(screening.ask((filter, ruling) -> filter.body(view(), last, ruling)));
    }

    private ByteBuffer view() {
        ByteBuf bytes = content();
        return bytes.isReadable() ? bytes.nioBuffer().asReadOnlyBuffer() : NOTHING.duplicate();
    }

    private void hold(ByteBuf part) {
        ByteBuf before = held;
        if (before == null) {
            held = part;
            copied = false;
        } else {
            held = before.writeBytes(part);
            part.release();
        }
    }

    /** A filter has answered, from another thread or later. */
    private void answered() {
        if (!ended && screening.isAsked()) {
            settle(screening.resume());
            exchange.goOn();
        }
    }

    private void settle(Screening.Outcome outcome) {
        wantsMore = false;
        switch (outcome) {
            case ASKED -> body.awaitFilter();
            case REFUSED -> exchange.refuse(screening.refusal(), screening.status());
            case PASSED -> goOn();
            case MORE -> {
                if (bodyEnded) {
                    goOn();
                } else if (held != null && held.readableBytes() >= maxHeld) {
                    exchange.refuse(Reason.FILTER_HELD_TOO_MUCH);
                } else {
                    wantsMore = true;
                    keep();
                    body.awaitMore();
                }
            }
        }
    }

    /** From here on small pieces may follow, each in a large piece of memory. */
    private void keep() {
        ByteBuf part = held;
        if (part != null && !copied) {
            held = allocator.directBuffer(part.readableBytes()).writeBytes(part);
            copied = true;
            part.release();
        }
    }

    private void goOn() {
        if (headPassed) {
            forward();
            return;
        }
        headPassed = true;
        gate.proceed(exchange);
        endIfOver();
    }

    /** What was let go on goes, if there is a server. */
    void forward() {
        ByteBuf passed = held;
        if (passed != null && !screening.isAsked() && !wantsMore && exchange.upstream() != null) {
            held = null;
            shown = 0;
            content().clear();
            body.send(passed, bodyEnded);
        }
        endIfOver();
    }

    private void endIfOver() {
        if (!ended && held == null && headPassed && (bodyEnded || screening.isOver())) {
            body.screened();
            end();
        }
    }

    boolean isAsked() {
        return screening.isAsked();
    }

    long deadlineNanos() {
        return screening.deadlineNanos();
    }

    /** A filter took too long. */
    void timedOut() {
        screening.timedOut();
        settle(screening.resume());
        exchange.goOn();
    }

    /** How much memory is taken by what is held. */
    long heldBytes() {
        ByteBuf raw = held;
        ByteBuf bytes = content;
        return (raw == null ? 0 : raw.capacity()) + (long) (bytes == null ? 0 : bytes.capacity());
    }

    /** Nobody is asked any more, and nothing is held. */
    void end() {
        if (ended) {
            return;
        }
        ended = true;
        screening.end();
        if (held != null) {
            held.release();
            held = null;
        }
        if (content != null) {
            content.release();
            content = null;
        }
    }
}
