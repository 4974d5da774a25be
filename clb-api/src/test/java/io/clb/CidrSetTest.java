package io.clb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CidrSetTest {

    /** A block as numbers are: its first address and how many bits are free. */
    private record Block(boolean ipv4, BigInteger first, int free) {

        static Block of(boolean ipv4, BigInteger address, int free) {
            return new Block(ipv4, address.shiftRight(free).shiftLeft(free), free);
        }

        boolean contains(boolean ofIpv4, BigInteger address) {
            return ofIpv4 == ipv4 && address.shiftRight(free).equals(first.shiftRight(free));
        }

        @Override
        public String toString() {
            return text(ipv4, first) + "/" + ((ipv4 ? 32 : 128) - free);
        }
    }

    private static String text(boolean ipv4, BigInteger address) {
        byte[] bytes = new byte[ipv4 ? 4 : 16];
        for (int i = 0; i < bytes.length; i++) {
            bytes[bytes.length - 1 - i] = address.shiftRight(8 * i).byteValue();
        }
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean contains(CidrSet set, boolean ipv4, BigInteger address) {
        return ipv4
                ? set.contains(0, 0xffff_0000_0000L | address.longValue())
                : set.contains(address.shiftRight(64).longValue(), address.longValue());
    }

    private static boolean contains(CidrSet set, String literal) {
        try {
            byte[] bytes = InetAddress.getAllByName(literal)[0].getAddress();
            return contains(set, bytes.length == 4, new BigInteger(1, bytes));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** Few different upper bits and long prefixes as well as short ones, so that blocks meet, touch and contain each other. */
    @Provide
    Arbitrary<List<Block>> blocks() {
        Arbitrary<Boolean> ipv4 = Arbitraries.of(true, false);
        return Combinators.combine(
                        ipv4,
                        Arbitraries.randomValue(Random::nextLong),
                        Arbitraries.integers().between(0, 32))
                .as((narrow, seed, free) -> Block.of(narrow, address(narrow, new Random(seed)), free))
                .list()
                .ofMaxSize(40);
    }

    private static BigInteger address(boolean ipv4, Random random) {
        BigInteger low = new BigInteger(random.nextInt(1, 33), random);
        // Away from the IPv4-mapped ones, which are IPv4.
        return ipv4
                ? low
                : BigInteger.valueOf(0x2001L + random.nextInt(2)).shiftLeft(112).or(low);
    }

    @Property
    void containsWhatABlockContains(@ForAll("blocks") List<Block> blocks, @ForAll long seed) {
        CidrSet set = CidrSet.of(blocks.stream().map(Block::toString).toList());
        Random random = new Random(seed);
        for (boolean ipv4 : new boolean[] {true, false}) {
            List<BigInteger> asked = new ArrayList<>();
            for (Block block : blocks) {
                BigInteger after = block.first.add(BigInteger.ONE.shiftLeft(block.free));
                asked.addAll(List.of(
                        block.first, block.first.subtract(BigInteger.ONE), after, after.subtract(BigInteger.ONE)));
            }
            for (int i = 0; i < 20; i++) {
                asked.add(address(ipv4, random));
            }
            BigInteger all = BigInteger.ONE.shiftLeft(ipv4 ? 32 : 128);
            for (BigInteger address : asked) {
                BigInteger inRange = address.mod(all);
                assertThat(contains(set, ipv4, inRange))
                        .as("%s in %s", text(ipv4, inRange), blocks)
                        .isEqualTo(blocks.stream().anyMatch(block -> block.contains(ipv4, inRange)));
            }
        }
    }

    @Test
    void hasNothingInItWithoutABlock() {
        CidrSet none = CidrSet.of(List.of());
        assertThat(none.isEmpty()).isTrue();
        assertThat(contains(none, "0.0.0.0")).isFalse();
        assertThat(contains(none, "::")).isFalse();
    }

    @Test
    void keepsTheFamiliesApartButForMappedAddresses() {
        CidrSet four = CidrSet.of(List.of("0.0.0.0/0"));
        assertThat(contains(four, "255.255.255.255")).isTrue();
        assertThat(contains(four, "::ffff:1.2.3.4")).isTrue();
        assertThat(contains(four, "::1")).isFalse();
        CidrSet six = CidrSet.of(List.of("::/0"));
        assertThat(contains(six, "ffff::1")).isTrue();
        assertThat(contains(six, "1.2.3.4")).isFalse();
        assertThat(CidrSet.of(List.of("::ffff:10.0.0.0/104"))).isEqualTo(CidrSet.of(List.of("10.0.0.0/8")));
    }

    @Test
    void isEqualToASetOfTheSameAddressesInOtherOrder() {
        CidrSet set = CidrSet.of(List.of("10.0.0.0/8", "2001:db8::/32", "10.1.0.0/16"));
        assertThat(set)
                .isEqualTo(CidrSet.of(List.of("2001:db8::/32", "10.0.0.0/8")))
                .hasSameHashCodeAs(CidrSet.of(List.of("2001:db8::/32", "10.0.0.0/8")))
                .isNotEqualTo(CidrSet.of(List.of("10.0.0.0/8")))
                .hasToString("1 blocks of IPv4, 1 of IPv6");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/33, a prefix of 0 to 32 bits",
        "10.0.0.0/-1, a prefix of 0 to 32 bits",
        "10.0.0.0/, a prefix of 0 to 32 bits",
        "10.0.0.0/8/8, a prefix of 0 to 32 bits",
        "2001:db8::/129, a prefix of 0 to 128 bits",
        "10.0.0.1/8, no bits beyond the prefix: 10.0.0.0/8",
        "2001:db8::1/32, no bits beyond the prefix: 2001:db8::/32",
        "2001:db8:1:2:3:4:5:6/65, no bits beyond the prefix: 2001:db8:1:2::/65",
        "10.0.0/24, 'an address, or one and the length of a prefix, such as 10.0.0.0/8 or 2001:db8::/32'",
        "example.org, 'an address, or one and the length of a prefix, such as 10.0.0.0/8 or 2001:db8::/32'",
        "'', 'an address, or one and the length of a prefix, such as 10.0.0.0/8 or 2001:db8::/32'",
    })
    void refusesWhatIsNoBlock(String text, String expected) {
        assertThatThrownBy(() -> CidrSet.of(List.of("10.0.0.0/8", text, "::1/x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no blocks of addresses: " + text + " (expected: " + expected
                        + "), ::1/x (expected: a prefix of 0 to 128 bits)");
    }
}
