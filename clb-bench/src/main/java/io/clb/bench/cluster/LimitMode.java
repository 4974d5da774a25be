package io.clb.bench.cluster;

/** How a cluster divides a total. */
enum LimitMode {
    /** Total / (N - 1), with N set. */
    EVEN("even"),
    /** Total / (N - 1), with N those that are known. */
    BY_MEMBERSHIP("even by membership"),
    /** By demand, through reports. */
    ADAPTIVE("adaptive");

    private final String title;

    LimitMode(String title) {
        this.title = title;
    }

    @Override
    public String toString() {
        return title;
    }
}
