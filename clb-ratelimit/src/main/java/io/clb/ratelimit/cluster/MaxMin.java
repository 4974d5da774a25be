package io.clb.ratelimit.cluster;

import java.util.Arrays;

/**
 * Divides what there is by demand, so that nobody can have more without taking it from somebody who has less or as much [1]; what nobody asks for is shared out alike.
 *
 * <p>[1] Bertsekas, Gallager: Data Networks, 2nd edition, 6.5.2: max-min fair flow control.
 */
final class MaxMin {

    private MaxMin() {}

    /**
     * Divides.
     *
     * @param demands what each asks for, 0 or more
     * @param capacity what there is
     * @param least what each has at least, whatever it asks for; all of these fit into the capacity
     * @return what each has; less than there is by less than one for each
     */
    static long[] split(long[] demands, long capacity, long least) {
        long[] shares = new long[demands.length];
        long sum = 0;
        for (int i = 0; i < shares.length; i++) {
            shares[i] = Math.max(demands[i], least);
            sum += shares[i];
        }
        if (sum <= capacity) {
            long spare = (capacity - sum) / shares.length;
            for (int i = 0; i < shares.length; i++) {
                shares[i] += spare;
            }
        } else {
            long level = level(shares, capacity);
            for (int i = 0; i < shares.length; i++) {
                shares[i] = Math.min(shares[i], level);
            }
        }
        return shares;
    }

    /** What those have who do not have all that they ask for; together they ask for more than there is. */
    private static long level(long[] demands, long capacity) {
        long[] ascending = demands.clone();
        Arrays.sort(ascending);
        long left = capacity;
        int asking = ascending.length;
        for (long demand : ascending) {
            if (demand > left / asking) {
                break;
            }
            left -= demand;
            asking--;
        }
        return left / asking;
    }
}
