package io.clb.l7;

import static io.clb.spi.Reason.BAD_RESPONSE;
import static io.clb.spi.Reason.CLIENT_GONE;
import static io.clb.spi.Reason.CLIENT_RESET;
import static io.clb.spi.Reason.COMPLETED;
import static io.clb.spi.Reason.CONNECT_REFUSED;
import static io.clb.spi.Reason.CONNECT_TIMEOUT;
import static io.clb.spi.Reason.RESPONSE_HEAD_TOO_LARGE;
import static io.clb.spi.Reason.RESPONSE_TIMEOUT;
import static io.clb.spi.Reason.RESPONSE_TRUNCATED;
import static io.clb.spi.Reason.SERVER_CLOSED;
import static io.clb.spi.Reason.SERVER_RESET;

import io.clb.l7.ScriptedServer.Connection;
import io.clb.spi.Reason;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** The ways in which a server can misbehave: what it does, and what must come of it. */
@SuppressWarnings("ImmutableEnumChecker") // scripts keep nothing, and the sets are of Set.of
enum ServerFault {
    REFUSES(Course.CONNECT, 502, Set.of(CONNECT_REFUSED), Script.NONE),
    TAKES_NO_CONNECT(Course.CONNECT_TIME, 504, Set.of(CONNECT_TIMEOUT), Script.NONE),
    CLOSES_AT_ONCE(Course.BEFORE, 502, Set.of(SERVER_CLOSED, SERVER_RESET), (server, steps) -> {}),
    // The system tells of the reset before or after it tells that the connect succeeded.
    RESETS_AT_ONCE(Course.BEFORE, 502, Set.of(SERVER_RESET, CONNECT_REFUSED), (server, steps) -> server.reset()),
    CLOSES(Course.BEFORE, 502, Set.of(SERVER_CLOSED, SERVER_RESET), (server, steps) -> request(server)),
    RESETS(Course.BEFORE, 502, Set.of(SERVER_RESET), (server, steps) -> {
        request(server);
        server.reset();
    }),
    CLOSES_IN_HEAD(
            Course.BEFORE,
            502,
            Set.of(SERVER_CLOSED, SERVER_RESET),
            (server, steps) -> request(server).send("HTTP/1.1 200 OK\r\nContent-Le")),
    RESETS_IN_HEAD(
            Course.BEFORE,
            502,
            Set.of(SERVER_RESET),
            (server, steps) ->
                    request(server).send("HTTP/1.1 200 OK\r\nContent-Le").reset()),
    CLOSES_IN_BODY(Course.WITHIN, 200, Set.of(RESPONSE_TRUNCATED), (server, steps) -> {
        request(server).send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhel");
        steps.acquireUninterruptibly();
    }),
    CLOSES_IN_CHUNKS(Course.WITHIN, 200, Set.of(RESPONSE_TRUNCATED), (server, steps) -> {
        request(server).send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n");
        steps.acquireUninterruptibly();
    }),
    RESETS_IN_BODY(Course.WITHIN, 200, Set.of(RESPONSE_TRUNCATED), (server, steps) -> {
        request(server).send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhel");
        steps.acquireUninterruptibly();
        server.reset();
    }),
    RESETS_BODY_WITHOUT_LENGTH(Course.WITHIN, 200, Set.of(RESPONSE_TRUNCATED), (server, steps) -> {
        request(server).send("HTTP/1.1 200 OK\r\n\r\nhel");
        steps.acquireUninterruptibly();
        server.reset();
    }),
    BREAKS_CHUNKS(Course.WITHIN, 200, Set.of(BAD_RESPONSE), (server, steps) -> {
        request(server).send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n");
        steps.acquireUninterruptibly();
        server.send("zz\r\n").awaitEnd();
    }),
    IS_SILENT(
            Course.BEFORE_TIME,
            504,
            Set.of(RESPONSE_TIMEOUT),
            (server, steps) -> request(server).awaitEnd()),
    READS_NOTHING_MORE(Course.BEFORE_TIME, 504, Set.of(RESPONSE_TIMEOUT), (server, steps) -> {
        request(server);
        steps.acquireUninterruptibly();
    }),
    STALLS_IN_HEAD(Course.BEFORE_TIME, 504, Set.of(RESPONSE_TIMEOUT), (server, steps) -> {
        request(server).send("HTTP/1.1 200 OK\r\nContent-Le").awaitEnd();
    }),
    STALLS_IN_BODY(
            Course.WITHIN_TIME,
            200,
            Set.of(RESPONSE_TIMEOUT),
            (server, steps) -> request(server)
                    .send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhel")
                    .awaitEnd()),
    DRIPS_HEAD(
            Course.BEFORE_DRIPS,
            504,
            Set.of(RESPONSE_TIMEOUT),
            (server, steps) -> drip(request(server), "HTTP/1.1 200 OK\r\n", steps)),
    DRIPS_BODY(Course.DRIPS, 200, Set.of(COMPLETED), (server, steps) -> {
        request(server).send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n");
        drip(server, "drops!", steps);
    }),
    SENDS_A_HUGE_HEAD(
            Course.BEFORE,
            502,
            Set.of(RESPONSE_HEAD_TOO_LARGE),
            (server, steps) -> request(server)
                    .send("HTTP/1.1 200 OK\r\nX: " + "a".repeat(50_000))
                    .awaitEnd()),
    SENDS_GARBAGE(
            Course.BEFORE,
            502,
            Set.of(BAD_RESPONSE),
            (server, steps) ->
                    request(server).send("220 mail.example.org ESMTP\r\n").awaitEnd()),
    SENDS_TWO_LENGTHS(
            Course.BEFORE,
            502,
            Set.of(BAD_RESPONSE),
            (server, steps) -> request(server)
                    .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok")
                    .awaitEnd()),
    SENDS_MORE_THAN_IT_SAID(
            Course.WHOLE,
            200,
            Set.of(COMPLETED),
            (server, steps) -> request(server)
                    .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n")
                    .awaitEnd()),
    ANSWERS_EARLY_AND_CLOSES(
            Course.WHOLE,
            200,
            Set.of(COMPLETED),
            (server, steps) -> server.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")),
    FLOODS_WITH_PROMISES(
            Course.PROMISES,
            502,
            Set.of(BAD_RESPONSE),
            (server, steps) -> request(server).sendForEver("HTTP/1.1 102 Processing\r\n\r\n")),
    FLOODS(
            Course.FLOOD,
            200,
            Set.of(CLIENT_RESET, CLIENT_GONE),
            (server, steps) -> request(server).send("HTTP/1.1 200 OK\r\n\r\n").sendForEver("x".repeat(64 * 1_024))),
    FLOODS_AFTERWARDS(
            Course.WHOLE,
            200,
            Set.of(COMPLETED),
            (server, steps) -> request(server)
                    .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    .sendForEver("x".repeat(64 * 1_024)));

    /** How a request goes. */
    enum Course {
        /** No server is reached. */
        CONNECT,
        /** No server is reached in time. */
        CONNECT_TIME,
        /** It fails before anything of the response was sent on. */
        BEFORE,
        /** Likewise, by the time that nothing comes. */
        BEFORE_TIME,
        /** Likewise, though something comes. */
        BEFORE_DRIPS,
        /** As soon as the client has seen the head of the response, it breaks off. */
        WITHIN,
        /** Likewise, by the time that nothing comes. */
        WITHIN_TIME,
        /** The response comes byte by byte, and whole. */
        DRIPS,
        /** The response comes whole. */
        WHOLE,
        /** It fails after so many interim responses as there may be. */
        PROMISES,
        /** The response never ends, until the client has had enough. */
        FLOOD
    }

    /** What the server does with a connection. */
    @FunctionalInterface
    interface Script {

        /** For servers that get none. */
        Script NONE = (server, steps) -> {
            throw new AssertionError("nobody can connect to it");
        };

        /**
         * Runs, and then the connection is closed.
         *
         * @param steps has a permit for each step that the test lets it take
         */
        void serve(Connection server, Semaphore steps) throws IOException;
    }

    private final Course course;
    private final int status;
    private final Set<Reason> reasons;
    private final Script script;

    ServerFault(Course course, int status, Set<Reason> reasons, Script script) {
        this.course = course;
        this.status = status;
        this.reasons = reasons;
        this.script = script;
    }

    /** Reads a request; of a large body nothing. */
    private static Connection request(Connection server) throws IOException {
        RequestKind.readSmall(server, server.head(), RequestKind.SMALL);
        return server;
    }

    private static void drip(Connection server, String text, Semaphore steps) throws IOException {
        for (int i = 0; i < text.length(); i++) {
            steps.acquireUninterruptibly();
            server.send(text.substring(i, i + 1));
        }
    }

    Script script() {
        return script;
    }

    /** The body of a response to HEAD cannot go wrong, as there is none. */
    Course course(RequestKind kind) {
        return switch (course) {
            case WITHIN, WITHIN_TIME, DRIPS, FLOOD -> kind == RequestKind.HEAD ? Course.WHOLE : course;
            default -> course;
        };
    }

    /** What the client is told. */
    int status() {
        return status;
    }

    /** Why the request ends. */
    Set<Reason> reasons(RequestKind kind) {
        if (course(kind) == Course.WHOLE) {
            return Set.of(COMPLETED);
        }
        // Where it has not read the request, its system resets in place of closing.
        boolean closesInOrder = this == CLOSES || this == CLOSES_IN_HEAD;
        return closesInOrder && kind != RequestKind.UPLOAD ? Set.of(SERVER_CLOSED) : reasons;
    }

    /** Whether the whole of a large body gets to the server before the request ends. */
    boolean takesUploads() {
        return this == IS_SILENT || this == STALLS_IN_HEAD;
    }
}
