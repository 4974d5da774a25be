package io.clb.schedule;

/**
 * The well-known smooth weighted round robin, as a yardstick: each turn every server gains its weight, the one that has most goes and pays
 * the sum.
 */
final class SmoothWeightedReference {

    private SmoothWeightedReference() {}

    static char[] of(int[] weights) {
        int sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        char[] order = new char[sum];
        int[] credit = new int[weights.length];
        for (int turn = 0; turn < sum; turn++) {
            int most = 0;
            for (int i = 0; i < weights.length; i++) {
                credit[i] += weights[i];
                most = credit[i] > credit[most] ? i : most;
            }
            credit[most] -= sum;
            order[turn] = (char) most;
        }
        return order;
    }
}
