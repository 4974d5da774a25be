package io.clb.bench.micro;

import io.clb.CidrSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Nanoseconds to find out whether an address is on a list, each time another address.
 *
 * <p>{@code mvn -q -Pjmh -Djmh.args="CidrSetBenchmark"}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CidrSetBenchmark {

    private static final int ADDRESSES = 1 << 14;
    private static final long MAPPED = 0xffff_0000_0000L;

    /** How many blocks are on the list, of each family. */
    @Param({"10", "1000", "100000"})
    int blocks;

    private CidrSet set = CidrSet.of(List.of());
    private final long[] addresses = new long[ADDRESSES];
    private int next;

    /** Spreads blocks of 256 addresses, and of 2^80, over half of all there are. */
    @Setup
    public void build() {
        SplittableRandom random = new SplittableRandom(1);
        set = CidrSet.of(IntStream.range(0, blocks)
                .boxed()
                .flatMap(i -> List.of(ipv4(random.nextInt() & 0x7fff_ff00), ipv6(random.nextInt())).stream())
                .toList());
        for (int i = 0; i < ADDRESSES; i++) {
            addresses[i] = random.nextLong();
        }
    }

    private static String ipv4(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 255) + "." + (address >>> 8 & 255) + ".0/24";
    }

    private static String ipv6(int address) {
        return Integer.toHexString(0x2000 | address >>> 20) + ":" + Integer.toHexString(address >>> 16 & 0xffff) + ":"
                + Integer.toHexString(address & 0xffff) + "::/48";
    }

    private long address() {
        next = (next + 1) & (ADDRESSES - 1);
        return addresses[next];
    }

    /**
     * An address of IPv4.
     *
     * @return whether it is on the list
     */
    @Benchmark
    public boolean ipv4() {
        return set.contains(0, MAPPED | (address() & 0xffff_ffffL));
    }

    /**
     * An address of IPv6.
     *
     * @return whether it is on the list
     */
    @Benchmark
    public boolean ipv6() {
        return set.contains(0x2000_0000_0000_0000L | address() >>> 4, 0);
    }
}
