package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with variables of a request, see {@link io.clb.Redirect} and {@link io.clb.Rewrite}. What of the request stands in it is no more than the scanner let pass for a host or a target: visible
 * ASCII, which ends no line. Immutable; made by control, read by any loop.
 */
final class Template {

    private static final Pattern VARIABLE = Pattern.compile("([?&]?)\\$\\{([a-z_]+)}(&?)");

    /** A piece of the text. */
    private interface Part {
        void write(ByteBuf out, HttpRequest request);
    }

    private final boolean needsHost;
    private final Part[] parts;

    /**
     * Compiles it.
     *
     * @param tls whether clients come by https
     */
    Template(String text, boolean tls) {
        needsHost = text.contains("${host}");
        List<Part> found = new ArrayList<>();
        Matcher variables = VARIABLE.matcher(text);
        int at = 0;
        while (variables.find()) {
            found.add(literal(text.substring(at, variables.start())));
            String before = variables.group(1);
            String behind = variables.group(3);
            if (variables.group(2).equals("query")) {
                found.add(query(before, behind));
            } else {
                found.add(literal(before));
                found.add(variable(variables.group(2), tls));
                found.add(literal(behind));
            }
            at = variables.end();
        }
        found.add(literal(text.substring(at)));
        parts = found.toArray(Part[]::new);
    }

    private static Part literal(String text) {
        byte[] bytes = text.getBytes(US_ASCII);
        return (out, request) -> out.writeBytes(bytes);
    }

    private static Part variable(String name, boolean tls) {
        return switch (name) {
            case "protocol" -> literal(tls ? "https" : "http");
            case "host" ->
                (out, request) -> copy(out, request.request, request.request.authorityStart, request.request.hostEnd());
            case "port" -> port(tls ? "443" : "80");
            case "path" -> (out, request) -> path(out, request.request);
            case "client_ip" -> (out, request) -> out.writeCharSequence(request.client(), US_ASCII);
            case "client_port" ->
                (out, request) -> out.writeCharSequence(Integer.toString(request.sourcePort()), US_ASCII);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** The query, and what parts it from its neighbours: without a query, one of these is enough, or none. */
    private static Part query(String before, String behind) {
        Part first = literal(before);
        Part last = literal(behind);
        boolean between = !before.isEmpty() && !behind.isEmpty();
        return (out, request) -> {
            Head head = request.request;
            boolean any = head.pathEnd + 1 < head.targetEnd;
            if (any || between) {
                first.write(out, request);
            }
            if (any) {
                copy(out, head, head.pathEnd + 1, head.targetEnd);
                last.write(out, request);
            }
        };
    }

    private static void copy(ByteBuf out, Head request, int start, int end) {
        out.writeBytes(request.bytes, start, end - start);
    }

    private static Part port(String standard) {
        Part usual = literal(standard);
        return (out, request) -> {
            Head head = request.request;
            int start = Math.min(head.hostEnd() + 1, head.authorityEnd);
            if (start == head.authorityEnd) {
                usual.write(out, request);
            } else {
                copy(out, head, start, head.authorityEnd);
            }
        };
    }

    private static void path(ByteBuf out, Head request) {
        // Of OPTIONS it may be an asterisk, which behind a host would be a part of that.
        if (request.pathStart == request.pathEnd || request.bytes[request.pathStart] != '/') {
            out.writeByte('/');
        } else {
            copy(out, request, request.pathStart, request.pathEnd);
        }
    }

    /** Whether it has the host, which a request of HTTP/1.0 need not name. */
    boolean needsHost() {
        return needsHost;
    }

    void write(ByteBuf out, HttpRequest request) {
        for (Part part : parts) {
            part.write(out, request);
        }
    }
}
