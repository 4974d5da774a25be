package io.clb.l4;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.clb.spi.AccessLogSink;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A sink that keeps the lines of an access log. */
public final class LogLines implements AccessLogSink {

    private static final int TIMEOUT_SECONDS = 10;

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    @Override
    public void write(ByteBuffer batch) {
        String text = UTF_8.decode(batch).toString();
        if (!text.endsWith("\n")) {
            throw new AssertionError("a torn line: " + text);
        }
        lines.addAll(text.lines().toList());
    }

    /** Waits for a line, and forgets it. */
    public String next() throws InterruptedException {
        return requireNonNull(lines.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS), "no line has come");
    }

    /** The lines that have come and were not asked for. */
    public List<String> all() {
        return List.copyOf(lines);
    }
}
