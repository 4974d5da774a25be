package io.clb.bench.cluster;

/**
 * How messages fare.
 *
 * @param leastMillis the shortest time on the way
 * @param mostMillis the longest; each message takes a time of its own in between, so that they overtake each other
 * @param lost what part of them is lost
 * @param repeated what part of them comes twice
 * @param split who cannot hear whom, and when
 */
record Network(int leastMillis, int mostMillis, double lost, double repeated, Split split) {

    /** Who cannot hear whom. */
    interface Split {
        boolean parts(int from, int to, double seconds);
    }

    static final Split WHOLE = (from, to, seconds) -> false;

    static Network quick() {
        return new Network(0, 20, 0, 0, WHOLE);
    }

    static Network bad() {
        return new Network(50, 150, 0.1, 0.02, WHOLE);
    }

    Network with(Split other) {
        return new Network(leastMillis, mostMillis, lost, repeated, other);
    }
}
