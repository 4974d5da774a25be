package io.clb.l7;

import io.clb.AccessLog;
import io.clb.engine.LogLine;
import io.clb.engine.LogTries;
import io.clb.engine.LoopFlow;
import io.clb.engine.RunServer;
import io.clb.spi.HttpFlow;
import io.clb.spi.Reason;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** A request as a flow: what strategies and observers see of it, and what is written down about it. Confined to its connection's loop. */
abstract class HttpRequest extends LoopFlow implements HttpFlow {

    /** Its head, until it has ended. */
    final Head request;

    HttpRequest(ClientConnection client, Head request, long startNanos) {
        super(client, client.owningListener(), startNanos);
        this.request = request;
    }

    /** Begins the copy of a request, which comes from the same client. */
    HttpRequest(HttpRequest original) {
        super(original, original.runListener(), original.owner().nowNanos());
        this.request = original.request;
    }

    /** Takes down a server that could not be reached. */
    final void missed(RunServer server, Reason reason, long nanos) {
        tryFailed(server, reason, nanos);
    }

    /** How many servers could not be reached. */
    final int misses() {
        return failedTries();
    }

    /** Writes down those that could not be reached, but for the first {@code from}, up to {@code to} of them. */
    final void writeMisses(LogTries tries, int from, int to) {
        misses(tries, from, to);
    }

    /** Counts bytes of the request. */
    final void cameFromClient(int bytes) {
        countFromClient(bytes);
    }

    /** Counts bytes of the response. */
    final void cameFromServer(int bytes) {
        countFromServer(bytes);
    }

    /** The client's address, in text. */
    final String client() {
        InetAddress address = sourceAddress();
        return address == null ? "unknown" : NetUtil.toAddressString(address);
    }

    /** Whether doing it twice is as good as once: RFC 9110 9.2.2. */
    final boolean isIdempotent() {
        return request.isMethod("GET")
                || request.isMethod("HEAD")
                || request.isMethod("OPTIONS")
                || request.isMethod("PUT")
                || request.isMethod("DELETE")
                || request.isMethod("TRACE");
    }

    @Override
    public final CharSequence method() {
        return request.view(request.methodStart, request.methodEnd);
    }

    @Override
    public final CharSequence path() {
        return request.view(request.pathStart, request.pathEnd);
    }

    @Override
    public final @Nullable CharSequence query() {
        // Of a request that was refused before its target was taken apart, nothing is known.
        return request.pathEnd > 0 && request.pathEnd < request.targetEnd
                ? request.view(request.pathEnd + 1, request.targetEnd)
                : null;
    }

    @Override
    public final @Nullable CharSequence host() {
        return request.authorityEnd == 0 ? null : request.view(request.authorityStart, request.hostEnd());
    }

    @Override
    public final @Nullable CharSequence header(String lowerCaseName) {
        return request.value(lowerCaseName);
    }

    @Override
    public final @Nullable CharSequence cookie(String name) {
        return request.cookie(name);
    }

    /** Writes what its head says. */
    @Override
    protected void log(AccessLog.Field field, LogLine line) {
        switch (field) {
            case SERVER_PROTOCOL -> {
                if (request.firstLineDone) {
                    line.word(request.minorVersion > 0 ? "HTTP/1.1" : "HTTP/1.0");
                } else {
                    line.none();
                }
            }
            case REQUEST_METHOD -> part(request.methodStart, request.methodEnd, line);
            case REQUEST_URI -> part(request.targetStart, request.targetEnd, line);
            case HOST -> {
                if (request.authorityEnd > request.authorityStart) {
                    part(request.authorityStart, request.hostEnd(), line);
                } else {
                    line.host(server());
                }
            }
            case HTTP_HOST -> field("host", line);
            case HTTP_REFERER -> field("referer", line);
            case HTTP_USER_AGENT -> field("user-agent", line);
            case HTTP_X_FORWARDED_FOR -> field("x-forwarded-for", line);
            case HTTP_X_REAL_IP -> field("x-real-ip", line);
            case REQUEST_LENGTH -> line.number(Math.max(bytesFromClient(), request.length));
            default -> line.none();
        }
    }

    /** A part of the first line, as far as that has come. */
    private void part(int start, int end, LogLine line) {
        if (end > start) {
            line.text(request.bytes, start, end);
        } else {
            line.none();
        }
    }

    private void field(String lowerCaseName, LogLine line) {
        int found = request.first(lowerCaseName);
        if (found < 0) {
            line.none();
        } else {
            line.text(request.bytes, request.valueStart(found), request.valueEnd(found));
        }
    }

    @Override
    protected void abort(Reason reason) {
        throw new AssertionError("a request ends with its connection");
    }
}
