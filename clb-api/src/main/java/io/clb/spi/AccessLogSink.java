package io.clb.spi;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where lines of an access log go instead of a file: see {@code AccessLog.to}. */
@FunctionalInterface
public interface AccessLogSink {

    /**
     * Takes lines. Called on the balancer's one thread for access logs, one call at a time; it may block, and as long as it does, the lines of all access logs wait, and
     * those beyond {@code maxBuffered} are dropped and counted. What it throws is counted and told of, and the lines of that call count as dropped. After the balancer
     * has closed, it is not called any more.
     *
     * @param lines one or more whole lines, each with its line feed at the end; read-only, to be read during this call only
     * @throws IOException if they cannot be taken
     */
    void write(ByteBuffer lines) throws IOException;
}
