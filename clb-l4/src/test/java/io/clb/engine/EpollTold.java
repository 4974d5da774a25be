package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was told. Written on the loop. */
final class EpollTold implements StreamSocket.Events {

    long bytes;
    final List<Long> turns = new ArrayList<>();
    final StringBuilder text = new StringBuilder();
    long connectedTurn = -1;
    boolean allWritten;
    boolean inputEnded;
    boolean failed;
    boolean writable;
    boolean readsToReset;
    int largestBuffer;
    private final Loop loop;

    EpollTold(Loop loop) {
        this.loop = loop;
    }

    @Override
    public void connected(@Nullable Throwable failure) {
        assertThat(failure).isNull();
        connectedTurn = loop.turn();
    }

    @Override
    public void received(ByteBuf bytes) {
        this.bytes += bytes.readableBytes();
        largestBuffer = Math.max(largestBuffer, bytes.capacity());
        turns.add(loop.turn());
        if (bytes.readableBytes() < EpollPair.CHUNK) {
            text.append(bytes.toString(StandardCharsets.US_ASCII));
        }
        bytes.release();
    }

    @Override
    public void readComplete() {}

    @Override
    public void written() {
        writable = true;
    }

    @Override
    public boolean hearsOfResets() {
        return !readsToReset;
    }

    @Override
    public void allWritten() {
        allWritten = true;
    }

    @Override
    public void inputEnded() {
        inputEnded = true;
    }

    @Override
    public void failed(@Nullable Throwable cause) {
        failed = true;
    }
}
