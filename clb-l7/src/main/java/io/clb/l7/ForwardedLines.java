package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.clb.XForwardedFor;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lines that tell servers about the client of a connection: who it is, how it came, and through whom. Made once for a connection, so that a request costs a copy. Those of
 * a trusted peer depend on what it sent itself, and are put together for each request. Immutable.
 */
final class ForwardedLines {

    private static final byte[] FOR = bytes("X-Forwarded-For: ");
    private static final byte[] SEPARATOR = bytes(", ");
    private static final byte[] HOST = bytes("X-Forwarded-Host: ");
    private static final byte[] CLIENT_PORT = bytes("X-Forwarded-Client-srcport: ");
    private static final byte[] VIA_1_1 = bytes("Via: 1.1 clb\r\n");
    private static final byte[] VIA_1_0 = bytes("Via: 1.0 clb\r\n");
    private static final byte[] CRLF = {'\r', '\n'};

    /** A line that is added unless there is a field of that kind. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Line(int kind, byte[] bytes) {}

    private final Forwarding wanted;
    private final boolean trusted;
    private final byte[] peer;
    private final byte[] certificate;

    /** Those of a peer that is not trusted, but for the host and {@code Via}. */
    private final byte[] all;

    /** Those of a trusted peer one by one, but for {@code X-Forwarded-For} and the client's port; null of another. */
    private final Line @Nullable [] each;

    /**
     * Makes the lines of a connection.
     *
     * @param wanted what servers are told
     * @param trusted whether the peer is believed in what it says itself
     * @param peer the peer's address, in text
     * @param peerPort its port; 0 if it is not known
     * @param reached the address that it reached, in text; null if it is not known
     * @param reachedPort its port
     * @param certificate the lines about the client's certificate; empty for none
     */
    ForwardedLines(
            Forwarding wanted,
            boolean trusted,
            String peer,
            int peerPort,
            @Nullable String reached,
            int reachedPort,
            String certificate) {
        this.wanted = wanted;
        this.trusted = trusted;
        this.peer = bytes(peer);
        this.certificate = bytes(certificate);
        List<Line> lines = new ArrayList<>();
        add(lines, wanted.proto(), Field.FORWARDED_PROTO, "X-Forwarded-Proto: " + (wanted.tls() ? "https" : "http"));
        add(lines, wanted.port() && reachedPort > 0, Field.FORWARDED_PORT, "X-Forwarded-Port: " + reachedPort);
        add(lines, wanted.id(), Field.SLB_ID, "SLB-ID: " + wanted.balancer());
        add(lines, wanted.ip() && reached != null, Field.SLB_IP, "SLB-IP: " + reached);
        each = trusted ? lines.toArray(Line[]::new) : null;
        all = all(lines, peerPort);
    }

    private static void add(List<Line> lines, boolean on, int kind, String text) {
        if (on) {
            lines.add(new Line(kind, (text + "\r\n").getBytes(UTF_8)));
        }
    }

    private byte[] all(List<Line> lines, int peerPort) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (wanted.forwardedFor() == XForwardedFor.APPEND) {
            out.writeBytes(FOR);
            out.writeBytes(peer);
            out.writeBytes(CRLF);
        }
        lines.forEach(line -> out.writeBytes(line.bytes));
        if (wanted.clientPort() && peerPort > 0) {
            out.writeBytes(CLIENT_PORT);
            out.writeBytes(bytes(Integer.toString(peerPort)));
            out.writeBytes(CRLF);
        }
        return out.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    /** Whether they are what a listener wants its servers told, of a peer that is believed or not. */
    boolean areFor(Forwarding forwarding, boolean believed) {
        return trusted == believed && wanted.equals(forwarding);
    }

    /** About how long they are: what a peer sent itself, and the host, come on top. */
    int length() {
        return all.length + certificate.length;
    }

    /** Whether a field that the peer sent, one of those that tell about clients, is passed on as it is. */
    boolean keeps(int kind) {
        return switch (kind) {
            case Field.FORWARDED_FOR -> trusted && wanted.forwardedFor() == XForwardedFor.OFF;
            // Where clients are asked for theirs, the listener's own word is the only one.
            case Field.CLIENT_CERTIFICATE -> trusted && !wanted.clientCertificates();
            default -> trusted;
        };
    }

    /**
     * Writes the lines.
     *
     * @param request what they are added to
     * @param clientPort the port of its client; 0 if it is not known
     */
    void write(ByteBuf out, Head request, int clientPort) {
        int sent = 0;
        if (each == null) {
            out.writeBytes(all);
        } else {
            sent = kinds(request);
            writeMissing(out, request, each, sent, clientPort);
        }
        if (wanted.host() && request.authorityEnd > request.authorityStart && isMissing(sent, Field.FORWARDED_HOST)) {
            out.writeBytes(HOST);
            out.writeBytes(request.bytes, request.authorityStart, request.authorityEnd - request.authorityStart);
            out.writeBytes(CRLF);
        }
        out.writeBytes(certificate);
        if (wanted.via()) {
            out.writeBytes(request.minorVersion > 0 ? VIA_1_1 : VIA_1_0);
        }
    }

    /** The kinds of fields that a request has, a bit for each. */
    private static int kinds(Head request) {
        int kinds = 0;
        for (int field = 0; field < request.fieldCount; field++) {
            kinds |= 1 << request.kind(field);
        }
        return kinds;
    }

    private static boolean isMissing(int kinds, int kind) {
        return (kinds & 1 << kind) == 0;
    }

    private void writeMissing(ByteBuf out, Head request, Line[] lines, int sent, int clientPort) {
        if (wanted.forwardedFor() == XForwardedFor.APPEND) {
            out.writeBytes(FOR);
            writeSent(out, request);
            out.writeBytes(peer);
            out.writeBytes(CRLF);
        }
        for (Line line : lines) {
            if (isMissing(sent, line.kind)) {
                out.writeBytes(line.bytes);
            }
        }
        if (wanted.clientPort() && clientPort > 0 && isMissing(sent, Field.FORWARDED_CLIENT_PORT)) {
            out.writeBytes(CLIENT_PORT);
            out.writeCharSequence(Integer.toString(clientPort), US_ASCII);
            out.writeBytes(CRLF);
        }
    }

    /** The list that the peer sent, in however many fields, as the beginning of one. */
    private static void writeSent(ByteBuf out, Head request) {
        for (int field = 0; field < request.fieldCount; field++) {
            int length = request.valueEnd(field) - request.valueStart(field);
            if (request.kind(field) == Field.FORWARDED_FOR && length > 0) {
                out.writeBytes(request.bytes, request.valueStart(field), length);
                out.writeBytes(SEPARATOR);
            }
        }
    }
}
