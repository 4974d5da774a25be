package io.clb.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.clb.AccessLog;
import io.clb.AccessLog.Field;
import io.clb.ListenerConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a listener's lines in an access log are made of, compiled: bytes as they are, and between them fields. Immutable; made by control, read by any loop. */
final class LogFormat {

    private static final byte[] LINE_FEED = {'\n'};

    private final boolean json;
    private final Piece[] pieces;
    private final byte[] end;
    private final boolean showsTries;

    /**
     * A field.
     *
     * @param before what stands before it, as it is
     * @param quoted whether it stands in quotes
     * @param stop the byte that follows it
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Piece(byte[] before, Field field, boolean quoted, int stop) {}

    private LogFormat(boolean json, List<Piece> pieces, byte[] end) {
        this.json = json;
        this.pieces = pieces.toArray(Piece[]::new);
        this.end = end;
        this.showsTries = pieces.stream().anyMatch(piece -> switch (piece.field) {
            case UPSTREAM_ADDR, UPSTREAM_STATUS, UPSTREAM_RESPONSE_TIME, UPSTREAM_RESULT, UPSTREAM_CONNECT_TIME -> true;
            default -> false;
        });
    }

    static LogFormat of(AccessLog log, ListenerConfig listener, String balancer) {
        List<AccessLog.Part> parts = log.parts(listener.protocol());
        return log.isJson() ? json(parts, listener, balancer) : pattern(parts, listener, balancer);
    }

    private static LogFormat pattern(List<AccessLog.Part> parts, ListenerConfig listener, String balancer) {
        List<Piece> pieces = new ArrayList<>();
        byte[] before = new byte[0];
        for (int i = 0; i < parts.size(); i++) {
            AccessLog.Part part = parts.get(i);
            byte[] literal = part.text().getBytes(UTF_8);
            before = join(before, literal);
            Field field = part.field();
            if (field == null) {
                break;
            }
            byte[] behind = parts.get(i + 1).text().getBytes(UTF_8);
            int stop = behind.length == 0 ? '\n' : behind[0];
            boolean quoted = stop == '"' && literal.length > 0 && literal[literal.length - 1] == '"';
            byte[] constant = constant(field, listener, balancer, false, quoted, stop);
            if (constant == null) {
                pieces.add(new Piece(before, field, quoted, stop));
                before = new byte[0];
            } else {
                before = join(before, constant);
            }
        }
        return new LogFormat(false, pieces, join(before, LINE_FEED));
    }

    private static LogFormat json(List<AccessLog.Part> parts, ListenerConfig listener, String balancer) {
        List<Piece> pieces = new ArrayList<>();
        byte[] before = {'{'};
        String comma = "";
        for (AccessLog.Part part : parts) {
            Field field = part.field();
            if (field == null) {
                continue;
            }
            before = join(before, (comma + "\"" + field.fieldName() + "\":").getBytes(US_ASCII));
            comma = ",";
            byte[] constant = constant(field, listener, balancer, true, false, 0);
            if (constant == null) {
                pieces.add(new Piece(before, field, false, 0));
                before = new byte[0];
            } else {
                before = join(before, constant);
            }
        }
        return new LogFormat(true, pieces, join(before, new byte[] {'}', '\n'}));
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** What is the same in every line of the listener; null if the field is not. */
    private static byte @Nullable [] constant(
            Field field, ListenerConfig listener, String balancer, boolean json, boolean quoted, int stop) {
        LogLine line = new LogLine();
        line.begin(json);
        line.place(quoted, stop);
        if (!field.fits(listener.protocol())) {
            line.none();
            return line.toBytes();
        }
        switch (field) {
            case LISTENER -> line.text(listener.name());
            case SLBID -> line.text(balancer);
            case SCHEME -> line.word(listener.tls() == null ? "http" : "https");
            case SSL_PROTOCOL, SSL_CIPHER -> {
                if (listener.tls() != null) {
                    return null;
                }
                line.none();
            }
            default -> {
                return null;
            }
        }
        return line.toBytes();
    }

    /** Writes down a flow that has ended. On its loop. */
    void write(LoopFlowRecord record, LogLine line) {
        LogTries tries = line.tries();
        if (showsTries) {
            record.flow().tries(tries, record.reason());
        }
        line.begin(json);
        for (Piece piece : pieces) {
            line.literal(piece.before);
            line.place(piece.quoted, piece.stop);
            write(piece.field, record, line);
        }
        line.literal(end);
        tries.clear();
    }

    private static void write(Field field, LoopFlowRecord record, LogLine line) {
        LoopFlow flow = record.flow();
        switch (field) {
            case TIME -> line.moment(record.endMillis());
            case CLIENT_IP -> line.address(flow.sourceHigh(), flow.sourceLow());
            case CLIENT_PORT -> orNone(flow.sourcePort(), line);
            case VIP_ADDR -> line.address(flow.destinationHigh(), flow.destinationLow());
            case SLB_VPORT -> orNone(flow.destinationPort(), line);
            case STATUS -> orNone(flow.status(), line);
            case REASON -> line.word(record.reason().code());
            case BYTES_RECEIVED -> line.number(flow.bytesFromClient());
            case BYTES_SENT -> line.number(flow.bytesFromServer());
            case SSL_PROTOCOL, SSL_CIPHER -> {
                TlsSession tls = flow.tls();
                if (tls == null) {
                    line.none();
                } else {
                    line.word(field == Field.SSL_PROTOCOL ? tls.version() : tls.suite());
                }
            }
            case SESSION_TIME, REQUEST_TIME -> line.seconds(record.durationNanos());
            case SERVER_GROUP -> {
                if (record.group().isEmpty()) {
                    line.none();
                } else {
                    line.text(record.group());
                }
            }
            case UPSTREAM_ADDR, UPSTREAM_STATUS, UPSTREAM_RESPONSE_TIME, UPSTREAM_RESULT, UPSTREAM_CONNECT_TIME ->
                tries(field, flow, line);
            default -> flow.log(field, line);
        }
    }

    private static void orNone(int number, LogLine line) {
        if (number == 0) {
            line.none();
        } else {
            line.number(number);
        }
    }

    private static void tries(Field field, LoopFlow flow, LogLine line) {
        LogTries tries = line.tries();
        line.list();
        for (int i = 0; i < tries.count(); i++) {
            line.entry();
            switch (field) {
                case UPSTREAM_ADDR ->
                    line.server(tries.server(i), flow.proxyHeader() == null ? flow.destinationPort() : 0);
                case UPSTREAM_STATUS -> status(tries.status(i), line);
                case UPSTREAM_RESPONSE_TIME -> line.seconds(tries.nanos(i));
                case UPSTREAM_CONNECT_TIME -> line.seconds(tries.connectNanos(i));
                default -> line.word(tries.result(i).code());
            }
        }
        line.listEnd();
    }

    private static void status(int status, LogLine line) {
        if (status == LogTries.NEVER_SENT) {
            line.none();
        } else {
            line.number(status);
        }
    }
}
