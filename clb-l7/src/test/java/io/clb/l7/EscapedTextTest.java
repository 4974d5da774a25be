package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLDecoder;
import java.net.URLEncoder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What parameters of queries stand for. */
final class EscapedTextTest {

    private static byte[] within(String text) {
        return ("%4" + text + "41").getBytes(US_ASCII);
    }

    private static String decoded(String text) {
        byte[] bytes = within(text);
        return new String(EscapedText.decode(bytes, 2, bytes.length - 2), ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource({"a, a", "a+b, a b", "%41%62, Ab", "%, %", "%4, %4", "%4x, %4x", "%%41, %A", "%2B, +", "'', ''"})
    void decodes(String text, String expected) {
        assertThat(decoded(text)).isEqualTo(expected);
        byte[] bytes = within(text);
        assertThat(EscapedText.equals(bytes, 2, bytes.length - 2, expected.getBytes(US_ASCII)))
                .isTrue();
        assertThat(EscapedText.equals(bytes, 2, bytes.length - 2, (expected + "x").getBytes(US_ASCII)))
                .isFalse();
        assertThat(EscapedText.isEscaped(bytes, 2, bytes.length - 2))
                .isEqualTo(text.indexOf('%') >= 0 || text.indexOf('+') >= 0);
    }

    @Property
    void undoesWhatFormsDo(@ForAll byte[] bytes) {
        String text = new String(bytes, ISO_8859_1);
        String encoded = URLEncoder.encode(text, ISO_8859_1);
        assertThat(decoded(encoded)).isEqualTo(text).isEqualTo(URLDecoder.decode(encoded, ISO_8859_1));
    }
}
