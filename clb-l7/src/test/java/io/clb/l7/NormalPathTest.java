package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** The normal form of paths, against a model that takes segments apart as lists of text. */
final class NormalPathTest {

    private static final List<String> PIECES = List.of(
            "/", "/", "/", ".", "..", "...", "a", "b", ";", "%61", "%2e", "%2E", "%2F", "%5c", "%25", "%c3", "%00", "%",
            "%4", "%zz", "~", "%7E", "//", "_");
    private static final Pattern UNRESERVED = Pattern.compile("[A-Za-z0-9._~-]");
    private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");

    @Property
    void isThatOfTheModel(@ForAll long seed, @ForAll boolean escapedSlashes, @ForAll boolean mergedSlashes) {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder path = new StringBuilder("/");
        for (int i = random.nextInt(12); i > 0; i--) {
            path.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        Leniency leniency = new Leniency(false, false, escapedSlashes, mergedSlashes);
        String normal = normal(path.toString(), leniency);
        assertThat(normal).as(path.toString()).isEqualTo(model(path.toString(), leniency));
        if (normal != null) {
            assertThat(normal(normal, leniency)).as("of %s", path).isEqualTo(normal);
        }
    }

    private static @Nullable String normal(String path, Leniency leniency) {
        Head head = new Head();
        byte[] request = ("GET " + path + "?/../ HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(ISO_8859_1);
        HeadScanner scanner = new HeadScanner(8_192, 16_384, 100, leniency);
        return scanner.request(head, Unpooled.wrappedBuffer(request)) == HeadScanner.Result.COMPLETE
                ? new String(head.bytes, head.normalStart, head.normalEnd - head.normalStart, ISO_8859_1)
                : null;
    }

    /** Null if there is none. */
    private static @Nullable String model(String path, Leniency leniency) {
        String upper = ESCAPE.matcher(path).replaceAll(escape -> escape.group().toUpperCase(Locale.ROOT));
        boolean slashes = upper.contains("%2F") || upper.contains("%5C");
        if (ESCAPE.matcher(upper).replaceAll("").contains("%")
                || upper.contains("%00")
                || (slashes && !leniency.escapedSlashes())) {
            return null;
        }
        String decoded = ESCAPE.matcher(upper).replaceAll(escape -> {
            String character = Character.toString(Integer.parseInt(escape.group(1), 16));
            return UNRESERVED.matcher(character).matches() ? character : escape.group();
        });
        List<String> segments = new ArrayList<>(List.of(decoded.substring(1).split("/", -1)));
        if (leniency.mergedSlashes()) {
            String last = segments.remove(segments.size() - 1);
            segments.removeIf(String::isEmpty);
            segments.add(last);
        }
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < segments.size(); i++) {
            String segment = segments.get(i);
            boolean dots = segment.equals(".") || segment.equals("..");
            if (segment.matches("\\.\\.?;.*") || (segment.equals("..") && kept.isEmpty())) {
                return null;
            }
            if (segment.equals("..")) {
                kept.remove(kept.size() - 1);
            }
            if (!dots) {
                kept.add(segment);
            } else if (i == segments.size() - 1) {
                kept.add("");
            }
        }
        return "/" + String.join("/", kept);
    }
}
