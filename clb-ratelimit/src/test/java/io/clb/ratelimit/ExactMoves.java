package io.clb.ratelimit;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a share that moves earns, and what was let through of it, in exact arithmetic. All times are in nanoseconds from 0. */
final class ExactMoves {

    /** All totals are per second or per hour: in lowest terms, the seconds divide this. */
    private static final long HOUR_SECONDS = 3_600;

    /** A permit. */
    private static final BigInteger PERMIT =
            BigInteger.valueOf(Parts.WHOLE).multiply(BigInteger.valueOf(SECONDS.toNanos(HOUR_SECONDS)));

    private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);
    private static final BigInteger BURST_NANOS = BigInteger.valueOf(MILLISECONDS.toNanos(100));

    private final long leastBurst;
    private final List<Piece> pieces = new ArrayList<>();
    private final List<Taken> taken = new ArrayList<>();
    private Share whole;

    /** From a time on, so much is earned in a nanosecond and in the time of a burst, of a permit; or all that anybody asks for. */
    private record Piece(long at, long parts, BigInteger perNano, BigInteger burst, boolean open) {}

    private record Taken(long at, long permits) {}

    ExactMoves(Share whole, long leastBurst, long parts) {
        this.whole = whole;
        this.leastBurst = leastBurst;
        pieces.add(piece(0, parts, false));
    }

    private Piece piece(long at, long parts, boolean open) {
        BigInteger perNano = BigInteger.valueOf(parts)
                .multiply(BigInteger.valueOf(whole.permits()))
                .multiply(BigInteger.valueOf(HOUR_SECONDS / whole.seconds()));
        return new Piece(at, parts, perNano, perNano.multiply(BURST_NANOS), open);
    }

    void move(long parts, long until, long after, long now) {
        pieces.removeIf(piece -> piece.at > now);
        pieces.add(piece(now, parts, false));
        pieces.add(piece(Math.max(now, until), after, false));
    }

    void total(Share changed, long now) {
        whole = changed;
        List<Piece> later = pieces.stream().filter(piece -> piece.at > now).toList();
        pieces.removeAll(later);
        Piece last = pieces.get(pieces.size() - 1);
        pieces.add(piece(now, last.parts, last.open));
        later.forEach(piece -> pieces.add(piece(piece.at, piece.parts, piece.open)));
    }

    void open(long now) {
        pieces.removeIf(piece -> piece.at > now);
        pieces.add(piece(now, 0, true));
    }

    void take(long at, long permits) {
        taken.add(new Taken(at, permits));
    }

    void giveBack(long at, long permits) {
        taken.remove(new Taken(at, permits));
    }

    /** What the node has. */
    long parts(long now) {
        return pieces.stream()
                .filter(piece -> piece.at <= now)
                .reduce((one, next) -> next)
                .orElseThrow()
                .parts;
    }

    /** What fits into the burst, in whole permits, at least. */
    long burst(long now) {
        BigInteger permits = BigInteger.valueOf(parts(now))
                .multiply(BigInteger.valueOf(whole.permits()))
                .divide(BigInteger.valueOf(Parts.WHOLE).multiply(BigInteger.valueOf(10 * whole.seconds())));
        return Math.max(leastBurst, permits.longValueExact());
    }

    /** What was promised for later than that. */
    long takenAfter(long now) {
        return taken.stream()
                .filter(one -> one.at > now)
                .mapToLong(Taken::permits)
                .sum();
    }

    /** Whether in any window no more was let through than was earned, and the largest burst that held in it, and so much. */
    boolean keepsToIt(long more) {
        taken.sort(Comparator.comparingLong(Taken::at));
        for (int from = 0; from < taken.size(); from++) {
            long count = 0;
            for (int to = from; to < taken.size(); to++) {
                count += taken.get(to).permits;
                if (!admits(count - more, taken.get(from).at, taken.get(to).at)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean admits(long count, long from, long to) {
        return isOpen(from, to) || times(count).compareTo(earned(from, to).add(largestBurst(from, to))) <= 0;
    }

    /** Whether in any window of both no more was let through together than the whole earned in it, and both bursts. */
    static boolean keepTogether(ExactMoves one, ExactMoves other) {
        List<Taken> both = new ArrayList<>(one.taken);
        both.addAll(other.taken);
        both.sort(Comparator.comparingLong(Taken::at));
        BigInteger perNano = one.piece(0, Parts.WHOLE, false).perNano;
        for (int from = 0; from < both.size(); from++) {
            long count = 0;
            for (int to = from; to < both.size(); to++) {
                count += both.get(to).permits;
                long start = both.get(from).at;
                long end = both.get(to).at;
                BigInteger bursts = one.largestBurst(start, end).add(other.largestBurst(start, end));
                BigInteger most =
                        perNano.multiply(BigInteger.valueOf(end - start)).add(bursts);
                if (times(count).compareTo(most) > 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether so many are what was earned in a window at least, less 1 ppm, and so many, and 2^-15 of a permit for each rest. */
    boolean isReachedBy(long count, long from, long to, long less, int rests) {
        BigInteger most = earned(from, to).multiply(MILLION.subtract(BigInteger.ONE));
        BigInteger lost = PERMIT.shiftRight(15).multiply(BigInteger.valueOf(rests));
        return times(count + less).add(lost).multiply(MILLION).compareTo(most) >= 0;
    }

    private BigInteger earned(long from, long to) {
        BigInteger sum = BigInteger.ZERO;
        for (int i = 0; i < pieces.size(); i++) {
            long nanos = Math.min(to, end(i)) - Math.max(from, pieces.get(i).at);
            if (nanos > 0) {
                sum = sum.add(pieces.get(i).perNano.multiply(BigInteger.valueOf(nanos)));
            }
        }
        return sum;
    }

    private BigInteger largestBurst(long from, long to) {
        BigInteger largest = times(leastBurst);
        for (int i = 0; i < pieces.size(); i++) {
            if (pieces.get(i).at <= to && end(i) >= from) {
                largest = largest.max(pieces.get(i).burst);
            }
        }
        return largest;
    }

    private boolean isOpen(long from, long to) {
        for (int i = 0; i < pieces.size(); i++) {
            if (pieces.get(i).open && pieces.get(i).at <= to && end(i) >= from) {
                return true;
            }
        }
        return false;
    }

    private long end(int i) {
        return i + 1 < pieces.size() ? pieces.get(i + 1).at : Long.MAX_VALUE;
    }

    private static BigInteger times(long count) {
        return BigInteger.valueOf(count).multiply(PERMIT);
    }
}
