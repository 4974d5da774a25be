package io.clb.ratelimit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.ratelimit.Parts;
import io.clb.spi.ClusterTransport;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ReportCodecTest {

    @Property
    void whatIsWrittenIsRead(@ForAll("reports") Report report) {
        assertThat(ReportCodec.decode(ReportCodec.encode(report))).isEqualTo(report);
    }

    /** A part of a report, or one with something behind it, is none. */
    @Property
    void whatIsCutOrPaddedIsNone(@ForAll("reports") Report report, @ForAll @Size(max = 3) byte[] padding) {
        byte[] bytes = ReportCodec.encode(report);
        byte[] padded = Arrays.copyOf(bytes, bytes.length + padding.length);
        System.arraycopy(padding, 0, padded, bytes.length, padding.length);

        assertThat(ReportCodec.decode(padded) == null).isEqualTo(padding.length > 0);
        assertThat(ReportCodec.decode(Arrays.copyOf(bytes, bytes.length - 1))).isNull();
        assertThat(ReportCodec.decode(Arrays.copyOf(bytes, bytes.length / 2))).isNull();
    }

    /** Whatever comes is a report whose numbers are in their ranges, or none. */
    @Property
    void garbageIsNoneOrInRange(@ForAll("reports") Report report, @ForAll int at, @ForAll byte other) {
        byte[] bytes = ReportCodec.encode(report);
        bytes[Math.floorMod(at, bytes.length)] = other;

        Report read = ReportCodec.decode(bytes);

        if (read != null) {
            assertThat(read.life()).isNotNegative();
            assertThat(read.claims().values()).allMatch(claim -> claim.demand() >= 0 && claim.demand() <= Parts.WHOLE);
            assertThat(read.claims().values())
                    .allMatch(claim ->
                            claim.loans().values().stream().allMatch(loan -> loan >= 0 && loan <= Parts.WHOLE));
        }
    }

    @Test
    void whatIsNothingOrTooLongIsNone() {
        assertThat(ReportCodec.decode(new byte[0])).isNull();
        assertThat(ReportCodec.decode(new byte[ClusterTransport.MAX_BYTES + 1])).isNull();
    }

    @Provide
    Arbitrary<Report> reports() {
        Arbitrary<String> names = Arbitraries.strings()
                .all()
                .excludeChars('\uD800')
                .ofMinLength(1)
                .ofMaxLength(64)
                .map(name -> name.codePoints()
                        .filter(c -> c < 0xD800 || c > 0xDFFF)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString());
        Arbitrary<Long> numbers = Arbitraries.longs().between(0, 1L << 62);
        Arbitrary<Long> parts = Arbitraries.longs().between(0, Parts.WHOLE);
        Arbitrary<Map<String, Report.Heard>> heard = Arbitraries.maps(
                        names, Combinators.combine(numbers, numbers).as(Report.Heard::new))
                .ofMaxSize(5);
        Arbitrary<Map<String, Long>> departed = Arbitraries.maps(names, numbers).ofMaxSize(3);
        Arbitrary<Report.Claim> claim = Combinators.combine(
                        parts, Arbitraries.maps(names, parts).ofMaxSize(4))
                .as(Report.Claim::new);
        return Combinators.combine(
                        names,
                        numbers,
                        numbers,
                        Arbitraries.of(true, false),
                        Arbitraries.longs(),
                        heard,
                        departed,
                        Arbitraries.maps(names, claim).ofMaxSize(4))
                .as(Report::new);
    }
}
