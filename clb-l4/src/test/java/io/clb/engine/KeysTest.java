package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.FakeFlow;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.CharBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/** The hashes that limits per key are kept by. */
final class KeysTest {

    private static final int KEYS = 1 << 16;
    private static final int BUCKETS = 1 << 10;
    private static final long IPV4_MAPPED = 0xffff_0000_0000L;
    private static final long SEED = 0x1234_5678_9abc_def0L;

    /** No two are alike, and they fill a table evenly, whichever bits choose the place in it: 64 keys to each of its 1,024 buckets, on average. */
    private static void assertSpread(IntToLongFunction hash) {
        int[] low = new int[BUCKETS];
        int[] high = new int[BUCKETS];
        Set<Long> hashes = new HashSet<>();
        for (int i = 0; i < KEYS; i++) {
            long of = hash.applyAsLong(i);
            hashes.add(of);
            low[(int) of & (BUCKETS - 1)]++;
            high[(int) (of >>> 54)]++;
        }
        assertThat(hashes).hasSize(KEYS);
        // 1,023 degrees of freedom and six standard deviations.
        assertThat(chiSquare(low)).isLessThan(1_300);
        assertThat(chiSquare(high)).isLessThan(1_300);
    }

    private static double chiSquare(int[] counts) {
        double expected = (double) KEYS / BUCKETS;
        double sum = 0;
        for (int count : counts) {
            sum += (count - expected) * (count - expected) / expected;
        }
        return sum;
    }

    @Test
    void spreadAddressesThatFollowEachOther() {
        assertSpread(i -> Keys.of(0, IPV4_MAPPED | (10L << 24) + i, SEED));
        assertSpread(i -> Keys.of(0, IPV4_MAPPED | ((long) i << 16), SEED));
        assertSpread(i -> Keys.of(0x2001_0db8_0000_0000L + i, 1, SEED));
        assertSpread(i -> Keys.of(0x2001_0db8_0000_0000L, (long) i << 48, SEED));
        assertSpread(i -> Keys.of(i, i, SEED));
    }

    @Test
    void spreadTextsThatFollowEachOther() {
        assertSpread(i -> Keys.of("key-" + i, SEED));
        assertSpread(i -> Keys.of(i + "-of-a-key-that-is-rather-long-as-tokens-are", SEED));
        assertSpread(i -> Keys.of("\u0000".repeat(i & 255) + (char) (i >>> 8), SEED));
    }

    @Test
    void dependOnTheSeed() {
        assertSpread(i -> Keys.of("key", i));
        assertSpread(i -> Keys.of(0, IPV4_MAPPED | 0x7f00_0001, i));
    }

    @Test
    void areTheSameForTheSameText() {
        assertThat(Keys.of(CharBuffer.wrap("key"), SEED)).isEqualTo(Keys.of("key", SEED));
        assertThat(Keys.of("", SEED)).isEqualTo(Keys.of("", SEED)).isNotEqualTo(Keys.of("\u0000", SEED));
        assertThat(Keys.of("Key", SEED)).isNotEqualTo(Keys.of("key", SEED));
    }

    @Test
    void tellTheTwoHalvesOfAnAddressApart() {
        assertThat(Keys.of(1, 2, SEED)).isNotEqualTo(Keys.of(2, 1, SEED));
        assertThat(Keys.of(1, 0, SEED)).isNotEqualTo(Keys.of(0, 1, SEED));
    }

    private static long client(String address, int ipv6Bits) throws UnknownHostException {
        byte[] bytes = InetAddress.getAllByName(address)[0].getAddress();
        FakeFlow flow = new FakeFlow().from(LoopFlow.high(bytes), LoopFlow.low(bytes));
        return Keys.ofClient(flow, ipv6Bits, SEED);
    }

    @Test
    void makeOneClientOfANetworkOfIpv6AndOfAnAddressOfIpv4() throws Exception {
        assertThat(client("2001:db8::1", 64))
                .isEqualTo(client("2001:db8::ffff:ffff:ffff:ffff", 64))
                .isNotEqualTo(client("2001:db8:0:1::1", 64));
        assertThat(client("2001:db8::1", 128)).isNotEqualTo(client("2001:db8::2", 128));
        assertThat(client("2001:db8::1", 127)).isNotEqualTo(client("2001:db8::2", 127));
        assertThat(client("2001:db8::3", 127)).isEqualTo(client("2001:db8::2", 127));
        assertThat(client("2001:db8:0:ffff::1", 48))
                .isEqualTo(client("2001:db8::", 48))
                .isNotEqualTo(client("2001:db8:1::", 48));
        assertThat(client("10.0.0.1", 64)).isNotEqualTo(client("10.0.0.2", 64));
    }
}
