package io.clb.l7.probe;

import static java.util.Objects.requireNonNull;

import io.clb.HealthCheck;
import io.clb.HostPort;
import io.clb.HttpCheck;
import io.clb.Options;
import io.clb.engine.ProbeAttempt;
import io.clb.engine.ProbeProtocol;
import io.clb.spi.Verdict;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;

/**
 * Healthy if one request over HTTP/1.1 or 1.0 (RFC 9112), on a connection of its own, is answered with a status that the check accepts. Interim
 * answers (1xx) are read over; the body is read up to 8 KiB.
 *
 * <p>A connection whose answer came to its end is closed with FIN, so that servers do not log a reset for each probe; any other with RST.
 */
public final class HttpProbe implements ProbeProtocol {

    /** What an answer's first line may measure, in bytes: as on the request path. */
    private static final int MAX_LINE = 8 * 1024;

    /** What an answer's header fields may measure, in bytes: as on the request path. */
    private static final int MAX_FIELDS = 16 * 1024;

    /** For the service loader. */
    public HttpProbe() {}

    @Override
    public HealthCheck.Kind kind() {
        return HealthCheck.Kind.HTTP;
    }

    @Override
    public void probe(ProbeAttempt attempt) {
        HttpCheck check = requireNonNull(attempt.check().httpCheck(), "httpCheck");
        HttpDecoderConfig limits =
                new HttpDecoderConfig().setMaxInitialLineLength(MAX_LINE).setMaxHeaderSize(MAX_FIELDS);
        attempt.onSilence(none("connection", attempt));
        attempt.connect(
                socket -> socket.pipeline()
                        .addLast(new HttpClientCodec(limits, false, false), new HttpAnswer(attempt, check)),
                socket -> {
                    attempt.onSilence(none("answer", attempt));
                    socket.writeAndFlush(request(check, new HostPort(attempt.host(), attempt.port())));
                });
    }

    private static Verdict none(String what, ProbeAttempt attempt) {
        return Verdict.failed("no " + what + " within " + Options.CHECK_TIMEOUT.format(attempt.timeout()));
    }

    /** The request. {@code Host} is as configured, else what was connected to (RFC 9110 7.2). */
    static FullHttpRequest request(HttpCheck check, HostPort probed) {
        boolean old = check.version() == HttpCheck.Version.HTTP_1_0;
        FullHttpRequest request = new DefaultFullHttpRequest(
                old ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1,
                HttpMethod.valueOf(check.method().name()),
                check.path());
        String host = check.host();
        request.headers()
                .set(HttpHeaderNames.HOST, host == null ? probed.toString() : host)
                .set(HttpHeaderNames.USER_AGENT, "clb-health-check");
        if (!old) {
            request.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        return request;
    }
}
