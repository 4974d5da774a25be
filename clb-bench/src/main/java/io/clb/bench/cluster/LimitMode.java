package io.clb.bench.cluster;

import java.awt.Color;

/** How a cluster divides a total. */
enum LimitMode {
    /** Total / (N - 1), with N set. */
    EVEN("even", 0xC0392B),
    /** Total / (N - 1), with N those that are known. */
    BY_MEMBERSHIP("even by membership", 0xE59866),
    /** By demand, through reports. */
    ADAPTIVE("adaptive", 0x1F618D),
    /** By demand, through a bucket of permits. */
    LEASED("leased", 0x27AE60);

    private final String title;
    private final int colour;

    LimitMode(String title, int colour) {
        this.title = title;
        this.colour = colour;
    }

    /** In pictures. */
    Color colour() {
        return new Color(colour);
    }

    /** Whether nodes have to know of each other for it. */
    boolean needsReports() {
        return this == BY_MEMBERSHIP || this == ADAPTIVE;
    }

    @Override
    public String toString() {
        return title;
    }
}
