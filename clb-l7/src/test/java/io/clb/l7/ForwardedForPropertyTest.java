package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.CidrSet;
import io.clb.l7.HeadReading.Kind;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.jspecify.annotations.Nullable;

/** Who a request comes from, against a model that reads texts. */
final class ForwardedForPropertyTest {

    private static final CidrSet TRUSTED = CidrSet.of(List.of("10.0.0.0/8", "2001:db8:1::/48"));
    private static final Pattern PORT = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([0-9.]+)):([0-9]{1,5})");
    private static final Pattern BRACKETS = Pattern.compile("\\[([0-9A-Fa-f:.]+)]");

    /** An address with its port. */
    private record Client(String address, int port) {}

    private static String entry(SplittableRandom random) {
        String number = Integer.toString(random.nextInt(0, 3));
        return switch (random.nextInt(0, 12)) {
            case 0, 1, 2 -> "10.0.0." + number;
            case 3 -> "192.0.2." + number;
            case 4 -> "10.0.0." + number + ":" + random.nextInt(0, 70_000);
            case 5 -> "2001:db8:1::" + number;
            case 6 -> "[2001:db8:1::" + number + "]:80";
            case 7 -> "2001:DB8::" + number;
            case 8 -> "::ffff:10.0.0." + number;
            case 9 -> "";
            case 10 -> "unknown";
            default -> Integer.toString(random.nextInt(0, 400)) + ".0.0.1";
        };
    }

    @Property(generation = GenerationMode.RANDOMIZED, shrinking = ShrinkingMode.OFF)
    void theClientIsWhoAModelSays(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder head = new StringBuilder("GET / HTTP/1.1\r\nHost: a\r\n");
        List<String> entries = new ArrayList<>();
        for (int field = random.nextInt(0, 4); field > 0; field--) {
            List<String> some = new ArrayList<>();
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                some.add(entry(random));
            }
            entries.addAll(some);
            head.append("X-Forwarded-For: ").append(String.join(random.nextBoolean() ? "," : " ,\t", some));
            head.append("\r\nX-Other: 192.0.2.99\r\n");
        }
        Head request = new Head();
        HeadReading.of(Kind.REQUEST, head.append("\r\n").toString().getBytes(ISO_8859_1), request);
        ForwardedFor forwardedFor = new ForwardedFor();
        boolean found = forwardedFor.find(request, TRUSTED);
        assertThat(found ? client(forwardedFor.client()) : null)
                .as(head.toString())
                .isEqualTo(model(entries));
    }

    private static @Nullable Client model(List<String> entries) {
        Client client = null;
        for (int i = entries.size() - 1; i >= 0; i--) {
            String entry = entries.get(i);
            if (entry.isEmpty()) {
                continue;
            }
            Client next = parse(entry);
            if (next == null) {
                return client;
            }
            client = next;
            if (!next.address.startsWith("10.") && !next.address.startsWith("2001:db8:1:")) {
                return client;
            }
        }
        return client;
    }

    private static @Nullable Client parse(String entry) {
        var port = PORT.matcher(entry);
        var brackets = BRACKETS.matcher(entry);
        String literal = entry;
        int number = 0;
        if (port.matches()) {
            literal = port.group(1) == null ? port.group(2) : port.group(1);
            number = Integer.parseInt(port.group(3));
        } else if (brackets.matches()) {
            literal = brackets.group(1);
        }
        byte[] address = NetUtil.createByteArrayFromIpAddressString(literal);
        return address == null || number > 65_535 ? null : new Client(text(address), number);
    }

    private static Client client(AddressText address) {
        return new Client(
                text(ByteBuffer.allocate(16)
                        .putLong(address.high())
                        .putLong(address.low())
                        .array()),
                address.port());
    }

    /** One spelling for one address: a mapped one is of IPv4. */
    private static String text(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static @Nullable Client read(String text) {
        byte[] bytes = ("<" + text + ">").getBytes(ISO_8859_1);
        AddressText address = new AddressText();
        return address.read(bytes, 1, bytes.length - 1) ? client(address) : null;
    }

    @Property(generation = GenerationMode.RANDOMIZED, shrinking = ShrinkingMode.OFF)
    void everyAddressIsReadInEverySpelling(@ForAll long seed) throws UnknownHostException {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] address = new byte[random.nextBoolean() ? 4 : 16];
        for (int i = 0; i < address.length; i += 2) {
            // Groups of zeros, for gaps.
            if (random.nextBoolean()) {
                address[i] = (byte) random.nextInt();
                address[i + 1] = (byte) random.nextInt();
            }
        }
        address[address.length - 1] |= 1;
        String plain = InetAddress.getByAddress(address).getHostAddress();
        Client expected = new Client(text(address), 0);
        Client withPort = new Client(expected.address, random.nextInt(0, 65_536));
        assertThat(read(plain)).as(plain).isEqualTo(expected);
        if (plain.indexOf(':') < 0) {
            assertThat(read(plain + ":" + withPort.port)).as(plain).isEqualTo(withPort);
            assertThat(read("::ffff:" + plain)).as(plain).isEqualTo(expected);
            return;
        }
        String brief = NetUtil.toAddressString(InetAddress.getByAddress(address));
        String mixed = plain.replaceFirst(":[0-9a-f]+:[0-9a-f]+$", ":")
                + InetAddress.getByAddress(Arrays.copyOfRange(address, 12, 16)).getHostAddress();
        for (String spelling : List.of(plain, brief, mixed, brief.toUpperCase(Locale.ROOT))) {
            assertThat(read(spelling)).as(spelling).isEqualTo(expected);
            assertThat(read("[" + spelling + "]")).as(spelling).isEqualTo(expected);
            assertThat(read("[" + spelling + "]:" + withPort.port)).as(spelling).isEqualTo(withPort);
        }
    }

    /** What we take for an address others do too, and for the same one. */
    @Property(generation = GenerationMode.RANDOMIZED, shrinking = ShrinkingMode.OFF)
    void nothingElseIsAnAddress(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String alphabet = random.nextBoolean() ? "0123.:" : "01f:.[]%";
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(0, 12); i > 0; i--) {
            text.append(alphabet.charAt(random.nextInt(0, alphabet.length())));
        }
        Client read = read(text.toString());
        if (read != null) {
            assertThat(requireNonNull(parse(text.toString())))
                    .as(text.toString())
                    .isEqualTo(read);
        }
    }
}
