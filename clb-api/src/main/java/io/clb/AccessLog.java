package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.spi.AccessLogSink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a line goes about every request, connection and association that ended, refused ones included, and what is in it:
 * {@code AccessLog.file(Path.of("/var/log/clb/access.log")).json().rotateAt(100 << 20)}. Immutable.
 *
 * <p>Lines are written by one thread of the balancer's; what it cannot keep up with is dropped and counted ({@link Snapshot#accessLog()}), and no flow ever waits for it.
 * What a client sends cannot become a line or a field of its own.
 */
public final class AccessLog {

    /** What a line can tell. Each has the name of its constant, in lower case. A field that is not known is {@code -} in a pattern and {@code null} in JSON. */
    public enum Field {
        /** When it ended: ISO 8601 with milliseconds, UTC. */
        TIME(Use.BOTH),
        /** The client's address. */
        CLIENT_IP(Use.BOTH),
        /** The client's port. */
        CLIENT_PORT(Use.BOTH),
        /** {@code http}. */
        SCHEME(Use.REQUESTS),
        /** {@code HTTP/1.0} or {@code HTTP/1.1}. */
        SERVER_PROTOCOL(Use.REQUESTS),
        /** The method. */
        REQUEST_METHOD(Use.REQUESTS, true),
        /** The host of the target, else that of the {@code Host} field, else the address of the server; without port. */
        HOST(Use.REQUESTS, true),
        /** The target, as sent. */
        REQUEST_URI(Use.REQUESTS, true),
        /** The first {@code Host} field. */
        HTTP_HOST(Use.REQUESTS, true),
        /** The first {@code Referer} field. */
        HTTP_REFERER(Use.REQUESTS, true),
        /** The first {@code User-Agent} field. */
        HTTP_USER_AGENT(Use.REQUESTS, true),
        /** The first {@code X-Forwarded-For} field, as the client sent it. */
        HTTP_X_FORWARDED_FOR(Use.REQUESTS, true),
        /** The first {@code X-Real-IP} field, as the client sent it. */
        HTTP_X_REAL_IP(Use.REQUESTS, true),
        /** Bytes of the request: head and body, framing included. */
        REQUEST_LENGTH(Use.REQUESTS),
        /** Bytes sent behind the head of the response, framing included. */
        BODY_BYTES_SENT(Use.REQUESTS),
        /** The status that the client was answered with; 499 if it went away before. */
        STATUS(Use.REQUESTS),
        /** Address and port of the servers that were tried, one for each try; the name where there is no address. */
        UPSTREAM_ADDR(Use.BOTH),
        /** What each of them answered: {@code -} (null in JSON) if nothing was sent to it, 0 if it sent no status. */
        UPSTREAM_STATUS(Use.REQUESTS),
        /** Seconds of each try, from the start of the connect, or from handing over on a connection that was there, to the last byte. */
        UPSTREAM_RESPONSE_TIME(Use.REQUESTS),
        /** Seconds from the first byte of the request to the last byte of the response. */
        REQUEST_TIME(Use.REQUESTS),
        /** Milliseconds from the first byte of the request to its last one. */
        READ_REQUEST_TIME(Use.REQUESTS),
        /** Milliseconds from the first byte of the response to its last one. */
        WRITE_RESPONSE_TIME(Use.REQUESTS),
        /** Microseconds of the round trip to the client, as the system has measured it; on epoll alone. A system call for each request, so no default has it. */
        TCPINFO_RTT(Use.REQUESTS),
        /** The version of TLS. */
        SSL_PROTOCOL(Use.REQUESTS),
        /** The cipher suite of TLS. */
        SSL_CIPHER(Use.REQUESTS),
        /** The address that the client reached. */
        VIP_ADDR(Use.BOTH),
        /** The port that the client reached. */
        SLB_VPORT(Use.BOTH),
        /** The balancer's name. */
        SLBID(Use.BOTH, true),
        /** Payload from the client in bytes. */
        BYTES_RECEIVED(Use.CONNECTIONS),
        /** Payload to the client in bytes. */
        BYTES_SENT(Use.CONNECTIONS),
        /** Seconds from the beginning to the end. */
        SESSION_TIME(Use.CONNECTIONS),
        /** Why it ended: the code of a {@link io.clb.spi.Reason}. */
        REASON(Use.BOTH),
        /** The rule that took the request. */
        RULE(Use.REQUESTS, true),
        /** The server group. */
        SERVER_GROUP(Use.BOTH, true),
        /** The listener. */
        LISTENER(Use.BOTH, true),
        /** How each try ended: {@code completed} for the server that took it, else the code of a {@link io.clb.spi.Reason}. */
        UPSTREAM_RESULT(Use.BOTH),
        /** Seconds that each try took to connect, or to fail; 0 on a connection that was there. */
        UPSTREAM_CONNECT_TIME(Use.BOTH);

        /** Of what kind of flow something is known. */
        private enum Use {
            BOTH,
            REQUESTS,
            CONNECTIONS
        }

        private final Use use;
        private final boolean text;
        private final String fieldName;

        Field(Use use) {
            this(use, false);
        }

        Field(Use use, boolean text) {
            this.use = use;
            this.text = text;
            this.fieldName = name().toLowerCase(java.util.Locale.ROOT);
        }

        /**
         * Returns the name that a pattern has it under.
         *
         * @return such as {@code client_ip}
         */
        public String fieldName() {
            return fieldName;
        }

        /**
         * Tells whether something can be known of it on a listener; elsewhere it is {@code -}.
         *
         * @param protocol what the listener speaks
         * @return true if so
         */
        public boolean fits(ListenerConfig.Protocol protocol) {
            boolean requests = requireNonNull(protocol, "protocol") == ListenerConfig.Protocol.HTTP;
            return use == Use.BOTH || (use == Use.REQUESTS) == requests;
        }

        /** Whether clients, or who configures, choose what stands in it. */
        boolean isText() {
            return text;
        }
    }

    /**
     * A piece of a line.
     *
     * @param text what stands before the field, as it is; in JSON nothing
     * @param field the field; null behind the last one
     */
    public record Part(String text, @Nullable Field field) {

        /**
         * Checks the text for null.
         *
         * @param text what stands before the field
         * @param field the field, or null
         */
        public Part {
            requireNonNull(text, "text");
        }
    }

    /**
     * Where lines go, and what bounds them.
     *
     * @param path the file; null for a sink
     * @param sink the sink; null for a file
     * @param rotateAt bytes from which on a new file is begun; 0 for never
     * @param keep how many files that were rotated stay
     * @param maxBuffered bytes over all event loops that may wait to be written
     * @param flushEvery how long a line waits at most for others to come
     */
    public record Destination(
            @Nullable Path path,
            @Nullable AccessLogSink sink,
            long rotateAt,
            int keep,
            int maxBuffered,
            Duration flushEvery) {

        /**
         * Checks the time for null.
         *
         * @param path the file, or null
         * @param sink the sink, or null
         * @param rotateAt bytes
         * @param keep files
         * @param maxBuffered bytes
         * @param flushEvery a time
         */
        public Destination {
            requireNonNull(flushEvery, "flushEvery");
        }
    }

    static final String ROTATE_EXPECTATION =
            "0, for never, or 65,536 (64 KiB) to 1,099,511,627,776 (1 TiB) bytes, and for files only";
    static final String KEEP_EXPECTATION = "1 to 1,000 files";
    static final String BUFFERED_EXPECTATION = "1,048,576 (1 MiB) to 1,073,741,824 (1 GiB) bytes";
    static final String FLUSH_EXPECTATION = "10 ms to 10 s";

    private static final long MIN_ROTATE = 1 << 16;
    private static final long MAX_ROTATE = 1L << 40;
    private static final int KEEP = 10;
    private static final int MAX_KEEP = 1_000;
    private static final int MIN_BUFFERED = 1 << 20;
    private static final int MAX_BUFFERED = 1 << 30;

    /** Some 50,000 lines. Not measured. */
    private static final int BUFFERED = 16 << 20;

    private static final Duration FLUSH = Duration.ofMillis(100);
    private static final Duration MIN_FLUSH = Duration.ofMillis(10);
    private static final Duration MAX_FLUSH = Duration.ofSeconds(10);

    private final Destination destination;
    private final LogPattern pattern;

    private AccessLog(Destination destination, LogPattern pattern) {
        this.destination = destination;
        this.pattern = pattern;
    }

    private static AccessLog of(@Nullable Path path, @Nullable AccessLogSink sink) {
        return new AccessLog(new Destination(path, sink, 0, KEEP, BUFFERED, FLUSH), LogPattern.DEFAULT);
    }

    /**
     * Writes to a file, at its end. It is opened anew when something else has moved it away (logrotate), looked for once a second at most.
     *
     * @param path the file, in a directory that there is
     * @return an access log with a default pattern, which is not rotated by itself
     */
    public static AccessLog file(Path path) {
        return of(requireNonNull(path, "path").toAbsolutePath().normalize(), null);
    }

    /**
     * Hands lines to a sink of the application's.
     *
     * @param sink the sink, called on a thread of the balancer's
     * @return an access log with a default pattern
     */
    public static AccessLog to(AccessLogSink sink) {
        return of(null, requireNonNull(sink, "sink"));
    }

    /**
     * Writes lines of JSON (RFC 8259), one object each, in ASCII. Numbers are numbers, tries are arrays, what is not known is null. Of bytes that are not ASCII each
     * stands as the character of that number.
     *
     * @param fields the names of the fields, in this order; none for all that the listener knows, but {@code tcpinfo_rtt}. A mistake is reported when the configuration
     *     is built
     * @return an access log
     */
    public AccessLog json(String... fields) {
        return new AccessLog(destination, LogPattern.json(List.of(requireNonNull(fields, "fields"))));
    }

    /**
     * Writes lines by a pattern, in which {@code $name} or <code>${name}</code> stands for a field, and {@code $$} for a dollar:
     * {@code $client_ip [$time] "$request_method $request_uri" $status "$http_user_agent"}. In values, control characters, {@code "}, {@code \}, what is not ASCII, a blank
     * unless the field stands in quotes, and the character that follows the field in the pattern, are written as {@code \x} and two hexadecimal digits; so is a
     * {@code -} that is all of a value. An empty value that does not stand in quotes is {@code ""}. Tries are separated by commas.
     *
     * @param text 1 to 4,096 characters, no control characters, with one field at least, and behind fields that hold text of others something that is no letter, digit,
     *     {@code -}, {@code \} or {@code $}. A mistake is reported when the configuration is built
     * @return an access log
     */
    public AccessLog pattern(String text) {
        return new AccessLog(destination, LogPattern.of(requireNonNull(text, "text")));
    }

    /**
     * Begins a new file when the next lines would take this one beyond a size: {@code access.log} becomes {@code access.log.1}, that {@code access.log.2}, and so on.
     *
     * @param bytes 65,536 to 2^40; 0, which it is unless set, for never
     * @return an access log
     */
    public AccessLog rotateAt(long bytes) {
        Destination d = destination;
        return with(new Destination(d.path, d.sink, bytes, d.keep, d.maxBuffered, d.flushEvery));
    }

    /**
     * Sets how many files stay that were rotated; 10 unless set.
     *
     * @param files 1 to 1,000
     * @return an access log
     */
    public AccessLog keep(int files) {
        Destination d = destination;
        return with(new Destination(d.path, d.sink, d.rotateAt, files, d.maxBuffered, d.flushEvery));
    }

    /**
     * Sets how much may wait to be written, over all event loops; 16 MiB unless set, and never less than 128 KiB for each loop. What is beyond it is dropped and counted.
     *
     * @param bytes 1 MiB to 1 GiB
     * @return an access log
     */
    public AccessLog maxBuffered(int bytes) {
        Destination d = destination;
        return with(new Destination(d.path, d.sink, d.rotateAt, d.keep, bytes, d.flushEvery));
    }

    /**
     * Sets how long a line waits at most for others to come, until 64 KiB are full; 100 ms unless set.
     *
     * @param time 10 ms to 10 s
     * @return an access log
     */
    public AccessLog flushEvery(Duration time) {
        Destination d = destination;
        return with(new Destination(d.path, d.sink, d.rotateAt, d.keep, d.maxBuffered, requireNonNull(time, "time")));
    }

    private AccessLog with(Destination changed) {
        return new AccessLog(changed, pattern);
    }

    /**
     * Returns where lines go.
     *
     * @return the destination
     */
    public Destination destination() {
        return destination;
    }

    /**
     * Tells whether lines are JSON.
     *
     * @return false for a pattern
     */
    public boolean isJson() {
        return pattern.isJson();
    }

    /**
     * Returns what a line is made of: for engines.
     *
     * @param protocol what the listener speaks, which the default depends on
     * @return the pieces in their order
     */
    public List<Part> parts(ListenerConfig.Protocol protocol) {
        return pattern.parts(requireNonNull(protocol, "protocol"));
    }

    void check(String where, Mistakes mistakes) {
        long rotate = destination.rotateAt;
        boolean rotates = destination.path != null && rotate >= MIN_ROTATE && rotate <= MAX_ROTATE;
        if (rotate != 0 && !rotates) {
            mistakes.add(where, "accessLog rotateAt", rotate, ROTATE_EXPECTATION);
        }
        if (destination.keep < 1 || destination.keep > MAX_KEEP) {
            mistakes.add(where, "accessLog keep", destination.keep, KEEP_EXPECTATION);
        }
        if (destination.maxBuffered < MIN_BUFFERED || destination.maxBuffered > MAX_BUFFERED) {
            mistakes.add(where, "accessLog maxBuffered", destination.maxBuffered, BUFFERED_EXPECTATION);
        }
        Duration flush = destination.flushEvery;
        if (flush.compareTo(MIN_FLUSH) < 0 || flush.compareTo(MAX_FLUSH) > 0) {
            mistakes.add(where, "accessLog flushEvery", flush, FLUSH_EXPECTATION);
        }
        pattern.check(where, mistakes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AccessLog that && destination.equals(that.destination) && pattern.equals(that.pattern);
    }

    @Override
    public int hashCode() {
        return Objects.hash(destination, pattern);
    }

    @Override
    public String toString() {
        return pattern + " to " + (destination.path == null ? destination.sink : destination.path);
    }
}
