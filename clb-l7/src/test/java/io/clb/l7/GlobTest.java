package io.clb.l7;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What patterns of conditions fit. */
final class GlobTest {

    /** Stands within a larger array, whose other bytes must not matter. */
    private static boolean fits(String pattern, String text) {
        byte[] bytes = ("*" + text + "?").getBytes(UTF_8);
        return new Glob(pattern).fits(bytes, 1, bytes.length - 1);
    }

    @ParameterizedTest
    @CsvSource({
        "abc, abc, true",
        "abc, abd, false",
        "abc, ab, false",
        "abc, abcd, false",
        "abc, ABC, false",
        "'', '', true",
        "'', a, false",
        "*, '', true",
        "*, abc, true",
        "a*, a, true",
        "a*c, abbbc, true",
        "a*c, abbbd, false",
        "*b*, abc, true",
        "**, '', true",
        "?, '', false",
        "?, a, true",
        "?, \u00e4, true",
        "?, \u20ac, true",
        "??, \u00e4, false",
        "?*?, ab, true",
        "?*?, a, false",
        "*\u00e4, xy\u00e4, true",
        "a*a*a*b, aaaaaaaaaaaaaaaaaaaaaaaa, false"
    })
    void fitsWhatItSays(String pattern, String text, boolean expected) {
        assertThat(fits(pattern, text)).isEqualTo(expected);
    }

    @Property
    void agreesWithARegularExpression(
            @ForAll @StringLength(max = 6) @Chars({'a', 'b', '*', '?', '\u00e4'}) String pattern,
            @ForAll @StringLength(max = 8) @Chars({'a', 'b', '\u00e4'}) String text) {
        String regex = pattern.replace("*", ".*").replace("?", ".");
        assertThat(fits(pattern, text)).isEqualTo(Pattern.matches(regex, text));
    }

    /** What is no UTF-8 must neither end the loop nor run out of the text. */
    @Property
    void takesAnyBytes(
            @ForAll byte[] text, @ForAll @CharRange(from = '?', to = '?') @StringLength(max = 3) String marks) {
        assertThat(new Glob("*" + marks + "*").fits(text, 0, text.length)).isIn(true, false);
        assertThat(new Glob("*").fits(text, 0, text.length)).isTrue();
    }
}
