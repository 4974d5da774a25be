package io.clb.ratelimit.cluster;

import io.clb.ratelimit.Parts;
import io.clb.spi.ClusterTransport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes reports as bytes, and reads them: {@link DataOutputStream}'s big-endian numbers, names as a length byte and UTF-8. What is not a report of this version is
 * refused, whatever it is.
 */
final class ReportCodec {

    /** "CLB", and the version. */
    private static final int HEAD = 0x434C4201;

    /** Nodes, departed nodes, limits and loans are no more than this each. */
    private static final int MOST_ENTRIES = 10_000;

    /** Lives are times of day in milliseconds, and numbers count reports. */
    private static final long MOST_NUMBER = 1L << 62;

    private ReportCodec() {}

    static byte[] encode(Report report) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(HEAD);
            name(out, report.node());
            out.writeLong(report.life());
            out.writeLong(report.number());
            out.writeBoolean(report.leaving());
            out.writeLong(report.roster());
            out.writeShort(report.heard().size());
            for (Map.Entry<String, Report.Heard> heard : report.heard().entrySet()) {
                name(out, heard.getKey());
                out.writeLong(heard.getValue().life());
                out.writeLong(heard.getValue().number());
            }
            longs(out, report.departed());
            out.writeShort(report.claims().size());
            for (Map.Entry<String, Report.Claim> claim : report.claims().entrySet()) {
                name(out, claim.getKey());
                out.writeLong(claim.getValue().demand());
                longs(out, claim.getValue().loans());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void longs(DataOutputStream out, Map<String, Long> map) throws IOException {
        out.writeShort(map.size());
        for (Map.Entry<String, Long> entry : map.entrySet()) {
            name(out, entry.getKey());
            out.writeLong(entry.getValue());
        }
    }

    private static void name(DataOutputStream out, String name) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        out.writeByte(bytes.length);
        out.write(bytes);
    }

    /**
     * Reads a report.
     *
     * @return null if these bytes are none
     */
    static @Nullable Report decode(byte[] bytes) {
        if (bytes.length > ClusterTransport.MAX_BYTES) {
            return null;
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            Report report = in.readInt() == HEAD ? read(in) : null;
            return in.read() < 0 ? report : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static Report read(DataInputStream in) throws IOException {
        String node = name(in);
        long life = number(in, MOST_NUMBER);
        long number = number(in, MOST_NUMBER);
        boolean leaving = in.readBoolean();
        long roster = in.readLong();
        Map<String, Report.Heard> heard = new HashMap<>();
        for (int left = entries(in); left > 0; left--) {
            heard.put(name(in), new Report.Heard(number(in, MOST_NUMBER), number(in, MOST_NUMBER)));
        }
        Map<String, Long> departed = longs(in, MOST_NUMBER);
        Map<String, Report.Claim> claims = new HashMap<>();
        for (int left = entries(in); left > 0; left--) {
            claims.put(name(in), new Report.Claim(number(in, Parts.WHOLE), longs(in, Parts.WHOLE)));
        }
        return new Report(node, life, number, leaving, roster, heard, departed, claims);
    }

    private static Map<String, Long> longs(DataInputStream in, long most) throws IOException {
        Map<String, Long> map = new HashMap<>();
        for (int left = entries(in); left > 0; left--) {
            map.put(name(in), number(in, most));
        }
        return map;
    }

    private static int entries(DataInputStream in) throws IOException {
        int entries = in.readUnsignedShort();
        if (entries > MOST_ENTRIES) {
            throw new IOException("entries: " + entries + " (expected: at most " + MOST_ENTRIES + ")");
        }
        return entries;
    }

    private static long number(DataInputStream in, long most) throws IOException {
        long value = in.readLong();
        if (value < 0 || value > most) {
            throw new IOException("value: " + value + " (expected: 0 to " + most + ")");
        }
        return value;
    }

    private static String name(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.UTF_8);
    }
}
