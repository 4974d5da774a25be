package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.clb.Redirect;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends clients elsewhere. What of the request stands in the answer is no more than the scanner let pass for a host or a target: visible ASCII, which ends no line.
 */
final class RedirectAnswer implements RuleAnswer {

    private static final Pattern VARIABLE = Pattern.compile("(\\??)\\$\\{([a-z]+)}");
    private static final byte[] KEEPING = "\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] CLOSING = "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] HTTP = "http".getBytes(US_ASCII);
    private static final byte[] HTTP_PORT = "80".getBytes(US_ASCII);

    /** A piece of the target. */
    private interface Part {
        void write(ByteBuf out, Head request);
    }

    private final int status;
    private final boolean needsHost;
    private final byte[] beginning;
    private final Part[] target;

    RedirectAnswer(Redirect redirect) {
        status = redirect.status();
        needsHost = redirect.target().contains("${host}");
        beginning = ("HTTP/1.1 " + HttpResponseStatus.valueOf(status) + "\r\nLocation: ").getBytes(US_ASCII);
        List<Part> parts = new ArrayList<>();
        Matcher variables = VARIABLE.matcher(redirect.target());
        int at = 0;
        while (variables.find()) {
            parts.add(literal(redirect.target().substring(at, variables.start())));
            parts.add(variable(variables.group(1), variables.group(2)));
            at = variables.end();
        }
        parts.add(literal(redirect.target().substring(at)));
        target = parts.toArray(Part[]::new);
    }

    private static Part literal(String text) {
        byte[] bytes = text.getBytes(US_ASCII);
        return (out, request) -> out.writeBytes(bytes);
    }

    /** A variable, and the question mark before it, if there is one: without a query, there is none. */
    private static Part variable(String mark, String name) {
        byte[] before = mark.getBytes(US_ASCII);
        return switch (name) {
            case "protocol" -> (out, request) -> out.writeBytes(before).writeBytes(HTTP);
            case "host" ->
                (out, request) -> copy(out.writeBytes(before), request, request.authorityStart, request.hostEnd());
            case "port" -> (out, request) -> port(out.writeBytes(before), request);
            case "path" -> (out, request) -> path(out.writeBytes(before), request);
            case "query" ->
                (out, request) -> {
                    if (request.pathEnd + 1 < request.targetEnd) {
                        copy(out.writeBytes(before), request, request.pathEnd + 1, request.targetEnd);
                    }
                };
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static void copy(ByteBuf out, Head request, int start, int end) {
        out.writeBytes(request.bytes, start, end - start);
    }

    private static void port(ByteBuf out, Head request) {
        int start = Math.min(request.hostEnd() + 1, request.authorityEnd);
        if (start == request.authorityEnd) {
            out.writeBytes(HTTP_PORT);
        } else {
            copy(out, request, start, request.authorityEnd);
        }
    }

    private static void path(ByteBuf out, Head request) {
        // Of OPTIONS it may be an asterisk, which behind a host would be a part of that.
        if (request.pathStart == request.pathEnd || request.bytes[request.pathStart] != '/') {
            out.writeByte('/');
        } else {
            copy(out, request, request.pathStart, request.pathEnd);
        }
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public boolean needsHost() {
        return needsHost;
    }

    @Override
    public ByteBuf write(ByteBufAllocator allocator, HttpRequest request, boolean keep) {
        ByteBuf out = allocator.directBuffer(beginning.length + request.request.length + CLOSING.length);
        out.writeBytes(beginning);
        for (Part part : target) {
            part.write(out, request.request);
        }
        return out.writeBytes(keep ? KEEPING : CLOSING);
    }
}
