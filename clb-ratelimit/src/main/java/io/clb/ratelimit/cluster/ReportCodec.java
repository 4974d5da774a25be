package io.clb.ratelimit.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.clb.ratelimit.Parts;
import io.clb.spi.ClusterTransport;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes reports as bytes, and reads them: as {@link DataOutputStream} writes numbers, and names in UTF-8 behind their length. What is not a report of this version is
 * refused, whatever it is.
 */
final class ReportCodec {

    /** "CLB", and the version. */
    private static final int HEAD = 0x434C4201;

    /** Nodes, departed nodes, limits and loans are no more than this each. */
    private static final int MOST_ENTRIES = 10_000;

    /** Lives are times of day in milliseconds, and numbers count reports. */
    private static final long MOST_NUMBER = 1L << 62;

    private static final int INITIAL_BYTES = 1_024;

    private ReportCodec() {}

    static byte[] encode(Report report) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(INITIAL_BYTES);
        Map<String, Integer> places = new HashMap<>();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(HEAD);
            text(out, report.node());
            out.writeLong(report.life());
            out.writeLong(report.number());
            out.writeBoolean(report.leaving());
            out.writeLong(report.roster());
            out.writeShort(report.heard().size());
            for (Map.Entry<String, Report.Heard> heard : report.heard().entrySet()) {
                places.put(heard.getKey(), places.size());
                text(out, heard.getKey());
                out.writeLong(heard.getValue().life());
                out.writeLong(heard.getValue().number());
            }
            out.writeShort(report.departed().size());
            for (Map.Entry<String, Long> departed : report.departed().entrySet()) {
                text(out, departed.getKey());
                out.writeLong(departed.getValue());
            }
            out.writeShort(report.claims().size());
            for (Map.Entry<String, Report.Claim> claim : report.claims().entrySet()) {
                text(out, claim.getKey());
                out.writeLong(claim.getValue().demand());
                loans(out, claim.getValue().loans(), places);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    /** A borrower is told by its place among the nodes above. */
    private static void loans(DataOutputStream out, Map<String, Long> loans, Map<String, Integer> places)
            throws IOException {
        out.writeShort(loans.size());
        for (Map.Entry<String, Long> loan : loans.entrySet()) {
            out.writeShort(requireNonNull(places.get(loan.getKey()), loan.getKey()));
            out.writeLong(loan.getValue());
        }
    }

    /**
     * Reads a report.
     *
     * @param reader who reads: of the loans those to it are kept
     * @return null if these bytes are none
     */
    static @Nullable Report decode(byte[] bytes, String reader) {
        if (bytes.length > ClusterTransport.MAX_BYTES) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            Report report = in.getInt() == HEAD ? read(in, reader) : null;
            return in.hasRemaining() ? null : report;
        } catch (BufferUnderflowException | ProtocolException e) {
            return null;
        }
    }

    private static Report read(ByteBuffer in, String reader) throws ProtocolException {
        String node = text(in);
        long life = number(in, MOST_NUMBER);
        long number = number(in, MOST_NUMBER);
        boolean leaving = in.get() != 0;
        long roster = in.getLong();
        Map<String, Report.Heard> heard = new HashMap<>();
        int nodes = entries(in);
        int place = -1;
        for (int i = 0; i < nodes; i++) {
            String name = text(in);
            place = name.equals(reader) ? i : place;
            heard.put(name, new Report.Heard(number(in, MOST_NUMBER), number(in, MOST_NUMBER)));
        }
        Map<String, Long> departed = new HashMap<>();
        for (int left = entries(in); left > 0; left--) {
            departed.put(text(in), number(in, MOST_NUMBER));
        }
        Map<String, Report.Claim> claims = new HashMap<>();
        for (int left = entries(in); left > 0; left--) {
            claims.put(text(in), claim(in, nodes, place, reader));
        }
        return new Report(node, life, number, leaving, roster, heard, departed, claims);
    }

    private static Report.Claim claim(ByteBuffer in, int nodes, int place, String reader) throws ProtocolException {
        long demand = number(in, Parts.WHOLE);
        Map<String, Long> loans = Map.of();
        for (int left = entries(in); left > 0; left--) {
            int borrower = Short.toUnsignedInt(in.getShort());
            long parts = number(in, Parts.WHOLE);
            if (borrower >= nodes) {
                throw new ProtocolException("borrower: " + borrower + " (expected: below " + nodes + ")");
            }
            if (borrower == place) {
                loans = Map.of(reader, parts);
            }
        }
        return new Report.Claim(demand, loans);
    }

    private static String text(ByteBuffer in) throws ProtocolException {
        int length = Short.toUnsignedInt(in.getShort());
        if (length > in.remaining()) {
            throw new ProtocolException("text: " + length + " bytes (expected: at most " + in.remaining() + ")");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, UTF_8);
    }

    private static int entries(ByteBuffer in) throws ProtocolException {
        int entries = Short.toUnsignedInt(in.getShort());
        if (entries > MOST_ENTRIES) {
            throw new ProtocolException("entries: " + entries + " (expected: at most " + MOST_ENTRIES + ")");
        }
        return entries;
    }

    private static long number(ByteBuffer in, long most) throws ProtocolException {
        long value = in.getLong();
        if (value < 0 || value > most) {
            throw new ProtocolException("value: " + value + " (expected: 0 to " + most + ")");
        }
        return value;
    }
}
