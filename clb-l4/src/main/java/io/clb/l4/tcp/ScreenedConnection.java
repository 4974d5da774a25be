package io.clb.l4.tcp;

import static java.util.Objects.requireNonNull;

import io.clb.engine.FirstBytes;
import io.clb.engine.ListenerPlan;
import io.clb.engine.Loop;
import io.clb.engine.Origin;
import io.clb.engine.Screening;
import io.clb.engine.Traffic;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.SocketChannel;

/**
 * A TCP connection whose first bytes filters are to judge. It becomes a {@link TcpConnection} if they let it go on, with the listener as it was when the connection came. Confined to its loop.
 *
 * <p>Its one timeout is the idle timeout until the first bytes are here, then that of the filter.
 */
final class ScreenedConnection extends FirstBytes {

    private final Origin origin;
    private final Traffic traffic;
    private final Screening screening;
    private final int maxHeld;

    /** How much was shown when filters were asked last, and whether they were told that it was all. */
    private int shown;

    private boolean shownAsLast;

    ScreenedConnection(SocketChannel accepted, Origin origin, ListenerPlan plan, Loop loop, Traffic traffic) {
        super(accepted, origin, plan, loop, traffic);
        this.origin = origin;
        this.traffic = traffic;
        this.screening = new Screening(requireNonNull(plan.filters()), loop, traffic, this::answered);
        this.maxHeld = requireNonNull(plan.filters()).maxHeld();
    }

    void begin() {
        traffic.begin(this, plan());
        owner().arm(this, owner().nowNanos() + plan().idleTimeoutNanos());
        open();
    }

    @Override
    protected void received(ByteBuf all) {
        if (!screening.isAsked()) {
            ask();
        }
    }

    @Override
    protected void inputEnded() {
        if (!came().isReadable()) {
            end(Reason.CLIENT_GONE);
        } else if (!screening.isAsked()) {
            ask();
        }
    }

    private void ask() {
        ByteBuf bytes = came();
        boolean last = hasInputEnded();
        shown = bytes.readableBytes();
        shownAsLast = last;
        settle(screening.ask((filter, ruling) -> filter.connection(
                this, bytes.nioBuffer(bytes.readerIndex(), shown).asReadOnlyBuffer(), last, ruling)));
    }

    /** A filter has answered, from another thread or later. */
    private void answered() {
        if (!isOver() && screening.isAsked()) {
            settle(screening.resume());
        }
    }

    private void settle(Screening.Outcome outcome) {
        switch (outcome) {
            case ASKED -> {
                read(false);
                owner().arm(this, screening.deadlineNanos());
            }
            case REFUSED -> end(screening.refusal());
            case PASSED -> goOn();
            case MORE -> {
                if (shownAsLast) {
                    goOn();
                } else if (shown >= maxHeld) {
                    end(Reason.FILTER_HELD_TOO_MUCH);
                } else if (came().readableBytes() > shown || hasInputEnded()) {
                    ask();
                } else {
                    owner().arm(this, owner().nowNanos() + plan().idleTimeoutNanos());
                    read(true);
                }
            }
        }
    }

    private void goOn() {
        screening.end();
        handOver(() -> new TcpConnection(origin, plan(), owner(), traffic).begin(channel(), plan()));
    }

    @Override
    protected void end(Reason reason) {
        if (!isOver()) {
            // They are no server's, and nobody else counts them.
            countFromClient(came().readableBytes());
            screening.end();
        }
        super.end(reason);
    }

    @Override
    protected void expired(long nowNanos) {
        if (screening.isAsked()) {
            screening.timedOut();
            settle(screening.resume());
        } else {
            end(Reason.IDLE_TIMEOUT);
        }
    }
}
