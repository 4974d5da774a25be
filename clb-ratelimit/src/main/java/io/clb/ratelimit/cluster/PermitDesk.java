package io.clb.ratelimit.cluster;

import static io.clb.spi.PermitBuckets.MAX_WANTS;

import io.clb.spi.PermitBuckets.Answer;
import io.clb.spi.PermitBuckets.Ask;
import io.clb.spi.PermitBuckets.Want;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks for permits for all limits of this node that are leased: one ask at a time, about four times in an interval. Confined to one thread.
 *
 * <p>An ask that is not answered in half an interval is given up. It may be done all the same, so after it the node only asks for the time, which deposits nothing,
 * until that is answered. So what it deposited last is over a lease after the last ask that was sent before. Where asks for permits fail again and again, as the store
 * is too far away, the time has to be answered more often in a row, before the node deposits its part once more, and has little for the rest of a lease.
 */
final class PermitDesk {

    private static final int JITTER = 8;

    /** An ask for permits that fails has the time be asked so many times more often before the next one. */
    private static final int MORE_CAREFUL = 4;

    /** After so long the store's time is asked for anew, as the estimate falls behind. */
    private static final int MOST_OLD_INTERVALS = 2;

    /** At most so often: 6 s with the usual interval. */
    private static final int MOST_PROOFS = 256;

    private final String node;
    private final Duration interval;
    private final SplittableRandom random;
    private final long fromNanos;

    /** Those asked least recently first. */
    private final Map<String, LeasedShare> shares = new LinkedHashMap<>();

    private LeaseTiming timing;
    private long lookedNanos;
    private long dueNanos;
    private long number;
    private @Nullable Flight flight;
    private long unanswered;

    /** A turn was not taken, as an ask was under way. */
    private boolean late;

    /** How often the store has told its time without fail, and has to before it is asked for permits. */
    private int proofs;

    private int proofsNeeded = 1;

    // the store's time when it answered last, and when that came
    private long timeMicros;
    private long timeNanos;

    /** An ask that is under way, and for whom, in the order of its wants. */
    private record Flight(long number, long sentNanos, List<LeasedShare> shares) {}

    /** @param fromNanos nothing is asked before, as what a run of this node before may have lent is in use */
    PermitDesk(String node, Duration interval, int nodes, SplittableRandom random, long fromNanos) {
        this.node = node;
        this.interval = interval;
        this.random = random;
        timing = LeaseTiming.of(interval, nodes);
        this.fromNanos = fromNanos;
        lookedNanos = fromNanos;
        dueNanos = fromNanos;
    }

    LeasedShare add(
            String name,
            SharedLimit limit,
            @Nullable LimitShares before,
            long lentUntilNanos,
            long depositUntilNanos,
            long nowNanos) {
        LeasedShare share =
                new LeasedShare(limit, before, lentUntilNanos, depositUntilNanos, timing.turnNanos(), nowNanos);
        if (shares.isEmpty()) {
            lookedNanos = nowNanos;
            dueNanos = nowNanos - fromNanos > 0 ? nowNanos : fromNanos;
        }
        shares.put(name, share);
        return share;
    }

    @Nullable
    LeasedShare remove(String name) {
        LeasedShare share = shares.remove(name);
        if (share != null) {
            share.end();
        }
        return share;
    }

    Map<String, LeasedShare> shares() {
        return shares;
    }

    /** When {@link #ask} is to be called next; far away where nothing is leased. */
    long dueNanos(long nowNanos) {
        return shares.isEmpty() ? nowNanos + TimeUnit.HOURS.toNanos(1) : dueNanos;
    }

    /** How many asks were not answered in time. */
    long unanswered() {
        return unanswered;
    }

    /**
     * Takes a turn.
     *
     * @return what to ask now; null for nothing
     */
    @Nullable
    NumberedAsk ask(int nodes, long nowNanos) {
        timing = LeaseTiming.of(interval, nodes);
        long turn = timing.turnNanos();
        dueNanos = nowNanos + turn - turn / JITTER + random.nextLong(2 * turn / JITTER);
        shares.values().forEach(share -> {
            share.look(nowNanos, turn);
            if (share.isBack(lookedNanos, nowNanos)) {
                share.apply(nowNanos);
            }
        });
        lookedNanos = nowNanos;
        Flight before = flight;
        if (before != null) {
            if (nowNanos - before.sentNanos() < timing.usableNanos()) {
                late = true;
                return null;
            }
            lose(before);
        }
        late = false;
        if (nowNanos - timeNanos > MOST_OLD_INTERVALS * timing.intervalNanos()) {
            proofs = Math.min(proofs, proofsNeeded - 1);
        }
        return proofs >= proofsNeeded ? askPermits(nodes, nowNanos) : send(nodes, 0, List.of(), List.of(), nowNanos);
    }

    private @Nullable NumberedAsk askPermits(int nodes, long nowNanos) {
        Map<String, LeasedShare> asking = new LinkedHashMap<>();
        List<Want> wants = new ArrayList<>();
        for (Map.Entry<String, LeasedShare> entry : shares.entrySet()) {
            LeasedShare share = entry.getValue();
            if (wants.size() < MAX_WANTS && share.isDue(timing, nowNanos)) {
                long wanted = share.want(timing, nowNanos);
                share.asked(wanted, timing, nowNanos);
                asking.put(entry.getKey(), share);
                wants.add(new Want(entry.getKey(), wanted));
            }
        }
        if (wants.isEmpty()) {
            return null;
        }
        shares.keySet().removeAll(asking.keySet());
        shares.putAll(asking);
        long since = LeaseTiming.atLeast(nowNanos - timeNanos);
        long sent = timeMicros + TimeUnit.NANOSECONDS.toMicros(since);
        return send(nodes, sent, wants, List.copyOf(asking.values()), nowNanos);
    }

    private NumberedAsk send(int nodes, long sentMicros, List<Want> wants, List<LeasedShare> asking, long nowNanos) {
        flight = new Flight(++number, nowNanos, asking);
        Ask ask = new Ask(
                node,
                sentMicros,
                nodes,
                TimeUnit.NANOSECONDS.toMicros(timing.intervalNanos()),
                TimeUnit.NANOSECONDS.toMicros(timing.leaseNanos()),
                wants);
        return new NumberedAsk(number, ask);
    }

    /** Learns what became of an ask; null if it failed, and may be done all the same. */
    void answered(long of, @Nullable Answer answer, long nowNanos) {
        Flight now = flight;
        if (now == null || now.number() != of) {
            return;
        }
        int grants = answer == null ? 0 : answer.granted().size();
        boolean tooLate = nowNanos - now.sentNanos() > timing.usableNanos();
        if (answer == null || tooLate || (grants > 0 && grants != now.shares().size())) {
            lose(now);
            return;
        }
        flight = null;
        timeMicros = answer.nowMicros();
        timeNanos = nowNanos;
        if (now.shares().isEmpty()) {
            proofs++;
            dueNanos = proofs < proofsNeeded ? dueNanos : nowNanos;
        } else if (grants == 0) {
            now.shares().forEach(share -> share.refused(nowNanos));
            lose(now);
        } else {
            proofsNeeded = Math.max(1, proofsNeeded - 1);
            for (int i = 0; i < grants; i++) {
                now.shares().get(i).granted(answer.granted().get(i), timing, nowNanos);
            }
            dueNanos = late ? nowNanos : dueNanos;
        }
    }

    private void lose(Flight lost) {
        flight = null;
        proofs = 0;
        unanswered++;
        if (!lost.shares().isEmpty()) {
            proofsNeeded = Math.min(MOST_PROOFS, MORE_CAREFUL * proofsNeeded);
        }
    }
}
