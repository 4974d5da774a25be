package io.clb.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What values become in a line, and that they come back from it. */
final class LogLineTest {

    private static final String SEPARATORS = " |;,[\"";

    private static String line(LogLine line) {
        return new String(line.toBytes(), US_ASCII);
    }

    private static String moment(long millis) {
        LogLine line = new LogLine();
        line.begin(false);
        line.moment(millis);
        return line(line);
    }

    private static String address(String literal, boolean json) throws Exception {
        byte[] bytes = InetAddress.getByName(literal).getAddress();
        LogLine line = new LogLine();
        line.begin(json);
        line.address(LoopFlow.high(bytes), LoopFlow.low(bytes));
        return line(line);
    }

    /** Reads a pattern's values back, knowing only what follows each. */
    private static List<@Nullable String> parse(String line, List<Character> stops, List<Boolean> quoted) {
        List<@Nullable String> values = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < stops.size(); i++) {
            if (quoted.get(i)) {
                assertThat(line.charAt(at++)).isEqualTo('"');
            }
            boolean empty = !quoted.get(i) && line.startsWith("\"\"", at);
            int end = line.indexOf(stops.get(i), empty ? at + 2 : at);
            String raw = empty ? "" : line.substring(at, end);
            values.add(raw.equals("-") ? null : unescape(raw));
            at = end + 1;
        }
        assertThat(at).isEqualTo(line.length());
        return values;
    }

    private static String unescape(String raw) {
        StringBuilder value = new StringBuilder();
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) == '\\') {
                assertThat(raw.charAt(i + 1)).isEqualTo('x');
                value.append((char) Integer.parseInt(raw.substring(i + 2, i + 4), 16));
                i += 3;
            } else {
                value.append(raw.charAt(i));
            }
        }
        return value.toString();
    }

    @Property(tries = 500)
    void aPatternGivesBackWhatItWasGiven(@ForAll @Size(max = 8) List<byte[]> given, @ForAll @Size(8) int[] kinds) {
        LogLine line = new LogLine();
        line.begin(false);
        List<Character> stops = new ArrayList<>();
        List<Boolean> quoted = new ArrayList<>();
        List<@Nullable String> expected = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            byte[] value = given.get(i);
            boolean inQuotes = kinds[i] % 3 == 0;
            char stop = inQuotes ? '"' : SEPARATORS.charAt(Math.floorMod(kinds[i], SEPARATORS.length()));
            line.literal((inQuotes ? "\"" : "").getBytes(US_ASCII));
            line.place(inQuotes, stop);
            boolean none = kinds[i] % 5 == 0;
            if (none) {
                line.none();
            } else {
                line.text(value, 0, value.length);
            }
            line.literal(String.valueOf(stop).getBytes(US_ASCII));
            stops.add(stop);
            quoted.add(inQuotes);
            expected.add(none ? null : new String(value, ISO_8859_1));
        }
        String written = line(line);
        assertThat(written).matches("[ -~]*");
        assertThat(parse(written, stops, quoted)).isEqualTo(expected);
    }

    @Property(tries = 500)
    void jsonGivesBackWhatItWasGiven(@ForAll byte[] value) {
        LogLine line = new LogLine();
        line.begin(true);
        line.text(value, 0, value.length);
        String written = line(line);
        assertThat(written).matches("\"([ !#-\\[\\]-~]|\\\\u00[0-9a-f]{2})*\"");
        StringBuilder read = new StringBuilder();
        for (int i = 1; i < written.length() - 1; i++) {
            if (written.charAt(i) == '\\') {
                read.append((char) Integer.parseInt(written.substring(i + 2, i + 6), 16));
                i += 5;
            } else {
                read.append(written.charAt(i));
            }
        }
        assertThat(read).hasToString(new String(value, ISO_8859_1));
    }

    @Test
    void aDashThatIsAValueIsNotWhatStandsForNone() {
        LogLine line = new LogLine();
        line.begin(false);
        line.text("-");
        line.text("--");
        line.text("");
        line.place(true, '"');
        line.text("");
        line.text("\u00fc");
        assertThat(line(line)).isEqualTo("\\x2d--\"\"\\xc3\\xbc");
        line.begin(true);
        line.text("-\u00fc\"");
        assertThat(line(line)).isEqualTo("\"-\\u00fc\\u0022\"");
    }

    @Test
    void numbersAndTimes() {
        LogLine line = new LogLine();
        line.begin(false);
        for (long value : new long[] {0, 9, 10, 123_456_789_012L, Long.MAX_VALUE, -5}) {
            line.number(value);
            line.literal(new byte[] {' '});
        }
        line.seconds(1_002_999_999L);
        line.literal(new byte[] {' '});
        line.seconds(-1);
        line.literal(new byte[] {' '});
        line.millis(1_999_999);
        assertThat(line(line)).isEqualTo("0 9 10 123456789012 9223372036854775807 0 1.002 0.000 1");
        assertThat(moment(0)).isEqualTo("1970-01-01T00:00:00.000Z");
        assertThat(moment(1_800_000_000_042L)).isEqualTo("2027-01-15T08:00:00.042Z");
        line.begin(false);
        line.moment(1_800_000_000_999L);
        line.moment(1_800_000_001_000L);
        assertThat(line(line)).isEqualTo("2027-01-15T08:00:00.999Z2027-01-15T08:00:01.000Z");
    }

    @Test
    void addresses() throws Exception {
        assertThat(address("255.0.10.1", false)).isEqualTo("255.0.10.1");
        assertThat(address("::1", true)).isEqualTo("\"::1\"");
        LogLine line = new LogLine();
        line.begin(false);
        line.address(0, 0);
        assertThat(line(line)).isEqualTo("-");
    }

    @Property(tries = 500)
    void addressesOfIpv6AreThoseOfRfc5952(@ForAll @Size(8) List<Boolean> zero, @ForAll short group) throws Exception {
        byte[] bytes = new byte[16];
        for (int i = 0; i < 8; i++) {
            bytes[2 * i] = zero.get(i) ? 0 : (byte) (group >> 8);
            bytes[2 * i + 1] = zero.get(i) ? 0 : (byte) group;
        }
        bytes[0] = 0x20;
        InetAddress address = InetAddress.getByAddress(bytes);
        assertThat(address(address.getHostAddress(), false)).isEqualTo(NetUtil.toAddressString(address));
    }

    @Test
    void aListHasItsEntriesOrNone() {
        LogLine line = new LogLine();
        for (boolean json : new boolean[] {false, true}) {
            line.begin(json);
            line.list();
            line.entry();
            line.none();
            line.entry();
            line.number(0);
            line.listEnd();
            line.list();
            line.listEnd();
            assertThat(line(line)).isEqualTo(json ? "[null,0][]" : "-,0-");
        }
    }
}
