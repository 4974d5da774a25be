package io.clb.schedule;

import java.math.BigInteger;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;

/** Weights of 1 to 12 servers, not all of them 0. */
class Weights implements ArbitrarySupplier<int[]> {

    @Override
    public Arbitrary<int[]> get() {
        return ofServers(12);
    }

    static Arbitrary<int[]> ofServers(int most) {
        return Arbitraries.integers()
                .between(0, 100)
                .array(int[].class)
                .ofMinSize(1)
                .ofMaxSize(most)
                .filter(weights -> Arrays.stream(weights).anyMatch(weight -> weight > 0));
    }

    /** What a period holds of each: the weights in lowest terms. */
    static int[] reduced(int[] weights) {
        int divisor = Arrays.stream(weights)
                .mapToObj(BigInteger::valueOf)
                .reduce(BigInteger.ZERO, BigInteger::gcd)
                .intValue();
        return Arrays.stream(weights).map(weight -> weight / divisor).toArray();
    }
}
