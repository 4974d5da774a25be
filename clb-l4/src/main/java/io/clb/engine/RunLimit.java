package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.Limit;
import io.clb.spi.Flow;
import io.clb.spi.HttpFlow;
import io.clb.spi.KeyedRateLimiter;
import io.clb.spi.Quota;
import io.clb.spi.RateLimiter;
import io.clb.spi.Reason;
import java.math.BigInteger;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A limit at run time; of bandwidth, one direction of it. One object goes from configuration to configuration, as long as they all want the same; what it has counted goes
 * on to the next.
 */
final class RunLimit {

    private static final long RARE = 1_000_000;
    private static final long RARE_SECONDS = 3_600;

    /** What it is known by among those of its scope. */
    record Id(Limit.Kind kind, @Nullable Direction direction) {

        @Override
        public String toString() {
            return direction == null ? kind.toString() : kind + " " + direction;
        }
    }

    private final Id id;
    private final Limit limit;
    private final Quota quota;
    private final Function<Quota, String> enforced;
    private final LimitMeter meter;
    private final long seed;
    private final int ipv6ClientBits;
    private final Observers observers;
    private final @Nullable String sharedName;
    private final @Nullable RateLimiter limiter;
    private final RateLimiter[] onLoops;
    private final @Nullable KeyedRateLimiter keyed;

    /**
     * @param enforced writes a quota's share for people
     * @param limiter a {@link RateLimiter}, or a {@link KeyedRateLimiter} for a kind that is per key
     * @param seed unknown to clients, so that they cannot choose keys that meet
     * @param ipv6ClientBits how much of an IPv6 address is a client
     * @param observers hear of a limiter of the application's that throws
     * @param sharedName what the nodes of the cluster call it; null unless its share moves
     */
    RunLimit(
            Id id,
            Limit limit,
            Quota quota,
            Function<Quota, String> enforced,
            LimitMeter meter,
            int loops,
            Object limiter,
            long seed,
            int ipv6ClientBits,
            Observers observers,
            @Nullable String sharedName) {
        this.id = id;
        this.limit = limit;
        this.quota = quota;
        this.enforced = enforced;
        this.meter = meter;
        this.seed = seed;
        this.ipv6ClientBits = ipv6ClientBits;
        this.observers = observers;
        this.sharedName = sharedName;
        this.keyed = limit.kind().isPerKey() ? (KeyedRateLimiter) limiter : null;
        this.limiter = keyed == null ? (RateLimiter) limiter : null;
        this.onLoops = new RateLimiter[keyed == null ? loops : 0];
        for (int loop = 0; loop < onLoops.length; loop++) {
            onLoops[loop] = requireNonNull(this.limiter).onLoop(loop);
        }
    }

    Id id() {
        return id;
    }

    /** What the nodes of the cluster call it, as they divide it; null unless its share moves. */
    @Nullable
    String sharedName() {
        return sharedName;
    }

    Limit limit() {
        return limit;
    }

    Quota quota() {
        return quota;
    }

    /** This node's share in a second, near enough to choose sizes by. */
    double share() {
        return (double) quota.total() / shareSeconds();
    }

    /** This node's share in a second, exactly. */
    String fraction() {
        long divisor = BigInteger.valueOf(quota.total())
                .gcd(BigInteger.valueOf(shareSeconds()))
                .longValue();
        long seconds = shareSeconds() / divisor;
        return quota.total() / divisor + (seconds == 1 ? "" : "/" + seconds);
    }

    /** In so many seconds this node may let through as much as the cluster in a period. */
    private long shareSeconds() {
        return quota.period().toSeconds() * Math.max(1, quota.nodes() - 1);
    }

    /** This node's share, for people. */
    String enforced() {
        return enforced.apply(quota);
    }

    /** A part of the total, for people. */
    String enforced(double part) {
        if (Double.isInfinite(part)) {
            return "open";
        }
        // In an hour, so that what is less than one a second is something.
        boolean rare = quota.total() < RARE;
        long seconds = rare ? RARE_SECONDS : quota.period().toSeconds();
        long permits = (long) (total() * part * seconds);
        Quota shown = new Quota(permits, Duration.ofSeconds(seconds), 1, quota.leastBurst(), quota.unit());
        return permits == 0 ? "0" : enforced.apply(shown);
    }

    /** The total of the cluster in a second, near enough to show. */
    double total() {
        return (double) quota.total() / quota.period().toSeconds();
    }

    LimitMeter meter() {
        return meter;
    }

    /** What enforces it: what a limiter that follows it needs to know. */
    Object limiter() {
        return keyed == null ? requireNonNull(limiter) : keyed;
    }

    /** Whether what enforces it can stay, though the limit may have changed otherwise. */
    boolean isEnforcedAlike(Limit wanted, Quota share) {
        return sharedName != null || (quota.equals(share) && (keyed == null || limit.keys() == wanted.keys()));
    }

    long seed() {
        return seed;
    }

    int ipv6ClientBits() {
        return ipv6ClientBits;
    }

    boolean isPerKey() {
        return keyed != null;
    }

    long sharedKeys() {
        return keyed == null ? 0 : keyed.shared();
    }

    /** What a loop asks, for a limit that is not per key. */
    RateLimiter onLoop(Loop loop) {
        return onLoops[loop.index()];
    }

    /** Takes bits now: true if there were so many. A limiter that throws lets nothing through. */
    boolean tryTakeBits(long bits, Loop loop) {
        try {
            return onLoop(loop).tryAcquire(bits, loop.nowNanos()) <= 0;
        } catch (RuntimeException | Error e) {
            observers.report(limiter(), e);
            return false;
        }
    }

    /** Whether so many bits would have to wait. */
    boolean isSpent(long bits, Loop loop) {
        return waitForBits(bits, loop) > 0;
    }

    /** How long so many bits would have to wait; {@link RateLimiter#NEVER} for ever. */
    long waitForBits(long bits, Loop loop) {
        try {
            return onLoop(loop).peek(bits, loop.nowNanos());
        } catch (RuntimeException | Error e) {
            observers.report(limiter(), e);
            return RateLimiter.NEVER;
        }
    }

    /** Takes a place in the line; {@link RateLimiter#NEVER} if there is none. */
    long reserveBits(long bits, Loop loop) {
        try {
            return onLoop(loop).reserve(bits, loop.nowNanos());
        } catch (RuntimeException | Error e) {
            observers.report(limiter(), e);
            return RateLimiter.NEVER;
        }
    }

    /** Gives back bits that nobody used, as {@link RateLimiter#giveBack}. */
    void giveBackBits(long bits, Loop loop, long nowNanos) {
        try {
            onLoop(loop).giveBack(bits, loop.nowNanos(), nowNanos);
        } catch (RuntimeException | Error e) {
            observers.report(limiter(), e);
        }
    }

    /** Takes a permit for a flow: 0, or how long to wait. */
    long take(Flow flow, Loop loop, long nowNanos) {
        if (keyed == null) {
            return onLoops[loop.index()].tryAcquire(1, nowNanos);
        }
        return isKeyless(flow) ? 0 : keyed.tryAcquire(key(flow), nowNanos);
    }

    /** What {@link #take} would return. */
    long peek(Flow flow, Loop loop, long nowNanos) {
        if (keyed == null) {
            return onLoops[loop.index()].peek(1, nowNanos);
        }
        return isKeyless(flow) ? 0 : keyed.peek(key(flow), nowNanos);
    }

    private boolean isKeyless(Flow flow) {
        String header = limit.header();
        return header != null && (!(flow instanceof HttpFlow request) || request.header(header) == null);
    }

    private long key(Flow flow) {
        String header = limit.header();
        if (header != null && flow instanceof HttpFlow request) {
            return Keys.of(requireNonNull(request.header(header)), seed);
        }
        return Keys.ofClient(flow, ipv6ClientBits, seed);
    }

    /** Why a flow ends that this refuses. */
    Reason reason() {
        return switch (limit.kind()) {
            case QPS -> Reason.LIMIT_QPS;
            case QPS_PER_CLIENT -> Reason.LIMIT_QPS_PER_CLIENT;
            case QPS_PER_HEADER -> Reason.LIMIT_QPS_PER_HEADER;
            case CPS -> Reason.LIMIT_CPS;
            case CPS_PER_CLIENT -> Reason.LIMIT_CPS_PER_CLIENT;
            case BANDWIDTH -> Reason.LIMIT_BANDWIDTH;
        };
    }
}
