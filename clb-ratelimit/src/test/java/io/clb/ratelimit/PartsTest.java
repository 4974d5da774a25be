package io.clb.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PartsTest {

    @Test
    void areTheWholeForOneNodeAndAllButOneOrAllMakeItUp() {
        assertThat(Parts.WHOLE).isEqualTo(1_099_511_627_776L);
        assertThat(Parts.even(1)).isEqualTo(Parts.WHOLE);
        assertThat(Parts.even(2)).isEqualTo(Parts.WHOLE);
        assertThat(Parts.even(5)).isEqualTo(Parts.WHOLE / 4);
        assertThat(Parts.home(1)).isEqualTo(Parts.WHOLE);
        assertThat(Parts.home(4)).isEqualTo(Parts.WHOLE / 4);
    }

    @Property(generation = GenerationMode.RANDOMIZED)
    void makeUpNoMoreThanTheWholeAndLittleLess(@ForAll @IntRange(min = 2, max = 10_000) int nodes) {
        assertThat(Parts.even(nodes) * (nodes - 1)).isBetween(Parts.WHOLE - nodes, Parts.WHOLE);
        assertThat(Parts.home(nodes) * nodes).isBetween(Parts.WHOLE - nodes, Parts.WHOLE);
    }

    @Test
    void refuseNumbersOfNodesOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Parts.even(0))
                .withMessage("nodes: 0 (expected: 1 to 10,000)");
        assertThatIllegalArgumentException().isThrownBy(() -> Parts.home(10_001));
    }
}
