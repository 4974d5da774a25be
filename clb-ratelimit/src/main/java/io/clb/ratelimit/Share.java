package io.clb.ratelimit;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * What one node of a cluster may let through: Total / (N - 1), as an exact rational in lowest terms. Immutable.
 *
 * <p>One node less than there are: should one be lost, the others still make up the total. A cluster of one node has the total for itself.
 *
 * @param permits so many permits (requests, connections, bits), 1 to 100,000,000,000
 * @param seconds in so many seconds, 1 to 35,996,400
 */
public record Share(long permits, long seconds) implements Comparable<Share> {

    /** 100 Gbit/s in bits. */
    private static final long MAX_TOTAL = 100_000_000_000L;

    private static final long MAX_PERIOD_SECONDS = 3_600;

    /** More than anybody runs; not measured. */
    private static final int MAX_NODES = 10_000;

    private static final long KILO = 1_000;
    private static final long MEGA = 1_000_000;
    private static final long GIGA = 1_000_000_000;

    /**
     * Checks the ranges and reduces to lowest terms.
     *
     * @param permits so many permits
     * @param seconds in so many seconds
     */
    public Share {
        check("permits", permits, MAX_TOTAL);
        check("seconds", seconds, MAX_PERIOD_SECONDS * (MAX_NODES - 1));
        long divisor =
                BigInteger.valueOf(permits).gcd(BigInteger.valueOf(seconds)).longValue();
        permits /= divisor;
        seconds /= divisor;
    }

    /**
     * Returns the share of one node in a total per second.
     *
     * @param total permits per second for the whole cluster, 1 to 100,000,000,000
     * @param nodes how many nodes the cluster has, 1 to 10,000
     * @return the share
     */
    public static Share of(long total, int nodes) {
        return of(total, Duration.ofSeconds(1), nodes);
    }

    /**
     * Returns the share of one node in a total.
     *
     * @param total permits in a period for the whole cluster, 1 to 100,000,000,000
     * @param period 1 s to 3,600 s in whole seconds
     * @param nodes how many nodes the cluster has, 1 to 10,000
     * @return the share
     */
    public static Share of(long total, Duration period, int nodes) {
        check("total", total, MAX_TOTAL);
        checkNodes(nodes);
        if (!requireNonNull(period, "period").equals(period.truncatedTo(ChronoUnit.SECONDS))) {
            throw new IllegalArgumentException("period: " + period + " (expected: whole seconds)");
        }
        check("period", period.toSeconds(), MAX_PERIOD_SECONDS);
        return new Share(total, period.toSeconds() * Math.max(1, nodes - 1));
    }

    /**
     * Writes the permits per second, truncated to a whole number; below 1, to three digits.
     *
     * @return such as {@code "142"}, {@code "1,000"} or {@code "0.142"}
     */
    public String display() {
        if (permits >= seconds) {
            return String.format(Locale.ROOT, "%,d", permits / seconds);
        }
        return BigDecimal.valueOf(permits)
                .divide(BigDecimal.valueOf(seconds), new MathContext(3, RoundingMode.DOWN))
                .stripTrailingZeros()
                .toPlainString();
    }

    /**
     * Writes the share of a bandwidth, in the largest unit that fits, truncated to two decimals.
     *
     * @return such as {@code "3.33 Mbit/s"}
     */
    public String displayBits() {
        if (permits >= GIGA * seconds) {
            return inUnit(GIGA, "Gbit/s");
        }
        if (permits >= MEGA * seconds) {
            return inUnit(MEGA, "Mbit/s");
        }
        return permits >= KILO * seconds ? inUnit(KILO, "kbit/s") : inUnit(1, "bit/s");
    }

    private String inUnit(long unit, String name) {
        BigDecimal value = BigDecimal.valueOf(permits).divide(BigDecimal.valueOf(seconds * unit), 2, RoundingMode.DOWN);
        return value.stripTrailingZeros().toPlainString() + " " + name;
    }

    /** Compares by permits per second; the products stay below 3.6 x 10^18. */
    @Override
    public int compareTo(Share other) {
        return Long.compare(permits * other.seconds, other.permits * seconds);
    }

    private static void check(String name, long value, long max) {
        check(name, value, 1, max);
    }

    /** Refuses what is out of range, naming the range. */
    static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s: %d (expected: %,d to %,d)", name, value, min, max));
        }
    }

    /** Refuses a number of nodes that no cluster has. */
    static void checkNodes(int nodes) {
        check("nodes", nodes, MAX_NODES);
    }
}
