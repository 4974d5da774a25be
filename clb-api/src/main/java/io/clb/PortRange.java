package io.clb;

/**
 * Ports that follow each other, for a listener: {@code l.tcp(PortRange.of(30_000, 30_999))}. Whether they are ports at all is checked with the rest of the configuration.
 *
 * @param first 1 to 65534
 * @param last above the first, to 65535
 */
public record PortRange(int first, int last) {

    static final int MAX_PORT = 65_535;

    /**
     * Makes a range.
     *
     * @param first 1 to 65534
     * @param last above the first, to 65535
     * @return all ports from the first to the last
     */
    public static PortRange of(int first, int last) {
        return new PortRange(first, last);
    }

    void check(String where, Mistakes mistakes) {
        if (first < 1 || last > MAX_PORT || first >= last) {
            mistakes.add(where, "port", this, "two ports of 1 to 65535, the smaller one first");
        }
    }

    /**
     * Returns the range for logs.
     *
     * @return such as {@code 30000-30999}
     */
    @Override
    public String toString() {
        return first + "-" + last;
    }
}
