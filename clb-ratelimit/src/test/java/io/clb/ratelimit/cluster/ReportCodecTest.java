package io.clb.ratelimit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.ratelimit.Parts;
import io.clb.spi.ClusterTransport;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
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
        String reader = report.heard().keySet().stream().findFirst().orElse("reader");

        assertThat(ReportCodec.decode(ReportCodec.encode(report), reader)).isEqualTo(withLoansTo(reader, report));
    }

    /** Nobody else's loans are of any use to a reader. */
    private static Report withLoansTo(String reader, Report report) {
        Map<String, Report.Claim> claims = new HashMap<>();
        report.claims().forEach((name, claim) -> {
            Map<String, Long> own = new HashMap<>(claim.loans());
            own.keySet().retainAll(Set.of(reader));
            claims.put(name, new Report.Claim(claim.demand(), own));
        });
        return new Report(
                report.node(),
                report.life(),
                report.number(),
                report.leaving(),
                report.roster(),
                report.heard(),
                report.departed(),
                claims);
    }

    /** A part of a report, or one with something behind it, is none. */
    @Property
    void whatIsCutOrPaddedIsNone(@ForAll("reports") Report report, @ForAll @Size(max = 3) byte[] padding) {
        byte[] bytes = ReportCodec.encode(report);
        byte[] padded = Arrays.copyOf(bytes, bytes.length + padding.length);
        System.arraycopy(padding, 0, padded, bytes.length, padding.length);

        assertThat(ReportCodec.decode(padded, "reader") == null).isEqualTo(padding.length > 0);
        assertThat(ReportCodec.decode(Arrays.copyOf(bytes, bytes.length - 1), "reader"))
                .isNull();
        assertThat(ReportCodec.decode(Arrays.copyOf(bytes, bytes.length / 2), "reader"))
                .isNull();
    }

    /** Whatever comes is a report whose numbers are in their ranges, or none. */
    @Property
    void garbageIsNoneOrInRange(@ForAll("reports") Report report, @ForAll int at, @ForAll byte other) {
        byte[] bytes = ReportCodec.encode(report);
        bytes[Math.floorMod(at, bytes.length)] = other;

        Report read = ReportCodec.decode(bytes, "reader");

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
        assertThat(ReportCodec.decode(new byte[0], "reader")).isNull();
        assertThat(ReportCodec.decode(new byte[ClusterTransport.MAX_BYTES + 1], "reader"))
                .isNull();
    }

    @Provide
    Arbitrary<Report> reports() {
        Arbitrary<String> names = Arbitraries.strings().ofMinLength(1).ofMaxLength(64);
        Arbitrary<Long> numbers = Arbitraries.longs().between(0, 1L << 62);
        Arbitrary<Report.Heard> heard = Combinators.combine(numbers, numbers).as(Report.Heard::new);
        return Arbitraries.maps(names, heard)
                .ofMinSize(1)
                .ofMaxSize(5)
                .flatMap(others -> reports(names, numbers, others));
    }

    private static Arbitrary<Report> reports(
            Arbitrary<String> names, Arbitrary<Long> numbers, Map<String, Report.Heard> others) {
        Arbitrary<Long> parts = Arbitraries.longs().between(0, Parts.WHOLE);
        Arbitrary<Map<String, Long>> loans = Arbitraries.maps(Arbitraries.of(others.keySet()), parts);
        Arbitrary<Report.Claim> claim = Combinators.combine(parts, loans).as(Report.Claim::new);
        return Combinators.combine(
                        names,
                        numbers,
                        numbers,
                        Arbitraries.of(true, false),
                        Arbitraries.longs(),
                        Arbitraries.maps(names, numbers).ofMaxSize(3),
                        Arbitraries.maps(names, claim).ofMaxSize(4))
                .as((node, life, number, leaving, roster, departed, claims) ->
                        new Report(node, life, number, leaving, roster, others, departed, claims));
    }
}
