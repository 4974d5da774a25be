package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Counts that are packed and unpacked again. */
final class PackedCountsTest {

    private final PackedCounts.Writer writer = new PackedCounts.Writer();

    private byte[] pack(SortedMap<Integer, Long> counts) {
        counts.forEach(writer::add);
        return writer.end();
    }

    @Property
    void areTheSame(
            @ForAll @Size(max = 300)
                    Map<@IntRange(max = 1_000) Integer, @LongRange(min = 1, max = Long.MAX_VALUE) Long> counts) {
        byte[] packed = pack(new TreeMap<>(counts));
        Map<Integer, Long> read = new TreeMap<>();
        PackedCounts.read(packed, read::put);
        assertThat(read).isEqualTo(counts);
        for (int cell = 0; cell <= 1_000; cell += 7) {
            assertThat(PackedCounts.get(packed, cell)).isEqualTo(counts.getOrDefault(cell, 0L));
        }
    }

    @Example
    void takeRoomByWhatTheyAre() {
        assertThat(pack(new TreeMap<>())).isEmpty();
        assertThat(pack(new TreeMap<>(Map.of(3, 100L)))).hasSize(2);
        assertThat(pack(new TreeMap<>(Map.of(3, 100L, 4, 1_000_000L)))).hasSize(6);
    }
}
