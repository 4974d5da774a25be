package io.clb.ratelimit.cluster;

import static java.util.Objects.requireNonNull;

import io.clb.ratelimit.Parts;
import io.clb.spi.ClusterSettings;
import io.clb.spi.Division;
import io.clb.spi.PermitBuckets;
import io.clb.spi.WhenAlone;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One node's side of the exchange of shares: what it makes of time and of the reports of others, without a thread, a clock or a network of its own, so that a simulator
 * can run it. Confined to one thread.
 *
 * <p>Each node has a home part of every total: 1/N if it hears all others, else 1/(N-1), as in the product. What it does not need of it, it lends, by reports to all: a
 * loan lasts a second from when the borrower sent the last report that the lender had heard, so that the borrower's time is over before the lender's, without any
 * agreement of clocks. What is lent less, or taken back, is the lender's again when the borrower says that it has heard so, or when the loan is over. So at any time what all
 * nodes may use adds up to their home parts at most: to the total if all hear each other, and to N/(N-1) of it whatever happens.
 *
 * <p>What to lend each node computes for itself from what all report: {@linkplain MaxMin max-min fair} shares by demand.
 */
public final class ShareExchange {

    /** A sent report's time is known for so many reports: more than a lease has, hurried ones too. */
    private static final int SENT = 64;

    /** So many reports can be hurried in a row; after that, one in two intervals, whatever happens. */
    private static final int HURRIES = 8;

    private static final int INTERVALS_PER_HURRY = 2;

    private final ClusterSettings settings;
    private final Timing timing;
    private final Membership membership;
    private final Map<String, LimitShares> limits = new LinkedHashMap<>();
    private final PermitDesk desk;
    private final long[] sentNanos = new long[SENT];
    private final long quietUntilNanos;

    /** Until then, others that were not heard yet are taken to begin as this node does. */
    private long patientUntilNanos;

    /** Limits that are gone, and when nobody can use any more what was lent or deposited of them. */
    private final Map<String, Retired> retired = new HashMap<>();

    private long life;
    private long number;
    private long dueNanos;
    private long measureNanos;

    /** What is left of them, an interval earning one. */
    private int hurries = HURRIES * INTERVALS_PER_HURRY;

    /**
     * What is left of a limit.
     *
     * @param shares which may have lent something; null if none were there
     * @param depositUntilNanos until when its home part may be deposited
     */
    private record Retired(@Nullable LimitShares shares, long depositUntilNanos, long untilNanos) {}

    /**
     * Makes a node that has heard of nobody yet.
     *
     * @param settings what it is called and expects
     * @param life higher than in any run before: the time of day in milliseconds
     * @param upNanos how long this process has been there: a run before it cannot have ended later
     * @param nowNanos the time
     */
    public ShareExchange(ClusterSettings settings, long life, long upNanos, long nowNanos) {
        this.settings = requireNonNull(settings, "settings");
        this.life = life;
        timing = Timing.of(settings.interval());
        membership = new Membership(settings.node(), settings.expectedNodes(), timing);
        quietUntilNanos = nowNanos + Math.max(0, timing.returnedNanos() - upNanos);
        patientUntilNanos = nowNanos + timing.silenceNanos();
        SplittableRandom random = new SplittableRandom(settings.node().hashCode() ^ life);
        desk = new PermitDesk(settings.node(), settings.interval(), settings.expectedNodes(), random, quietUntilNanos);
        dueNanos = nowNanos;
        measureNanos = nowNanos + timing.intervalNanos();
    }

    /**
     * Takes part for a limit, whose share is moved before this returns.
     *
     * @param name the same on all nodes
     * @param limit the limit
     * @param division how its total is divided; the same on all nodes, but for the time that a change takes
     * @param nowNanos the time
     */
    public void add(String name, SharedLimit limit, Division division, long nowNanos) {
        remove(name, nowNanos);
        Retired gone = retired.remove(name);
        Retired before = gone == null ? new Retired(null, nowNanos, nowNanos) : gone;
        long deposited = before.depositUntilNanos();
        if (division == Division.LEASED) {
            apply(desk.add(name, limit, before.shares(), before.untilNanos(), deposited, nowNanos), nowNanos);
        } else {
            LimitShares shares = new LimitShares(limit, division, timing, before.shares(), deposited, nowNanos);
            limits.put(name, shares);
            apply(shares, nowNanos);
        }
    }

    /**
     * Takes part for a limit no more.
     *
     * @param name its name
     * @param nowNanos the time
     */
    public void remove(String name, long nowNanos) {
        long until = nowNanos + timing.returnedNanos();
        LimitShares shares = limits.remove(name);
        if (shares != null) {
            retired.put(name, new Retired(shares, shares.depositUntilNanos(), until));
        }
        LeasedShare leased = desk.remove(name);
        if (leased != null) {
            retired.put(name, new Retired(leased.before(), leased.depositUntilNanos(), until));
        }
    }

    /**
     * Returns N.
     *
     * @return how many nodes belong to the cluster, silent ones too
     */
    public int nodes() {
        return membership.nodes();
    }

    /**
     * Tells how this node sees the others.
     *
     * @param nowNanos the time
     * @return the view
     */
    ClusterView view(long nowNanos) {
        Map<String, ClusterView.Share> shares = new LinkedHashMap<>();
        limits.forEach((name, limit) ->
                shares.put(name, new ClusterView.Share(limit.own(), limit.borrowed(), limit.lent(), limit.demand())));
        desk.shares()
                .forEach((name, leased) -> shares.put(
                        name,
                        new ClusterView.Share(
                                leased.own(nowNanos),
                                leased.borrowed(nowNanos),
                                leased.deposited(nowNanos),
                                leased.demand())));
        return new ClusterView(
                settings.node(),
                membership.nodes(),
                membership.present(),
                membership.others(nowNanos),
                membership.leftOut(),
                shares);
    }

    /**
     * When {@link #report} is to be called next.
     *
     * @return the time
     */
    public long dueNanos() {
        return dueNanos;
    }

    /**
     * Measures what is wanted, if an interval is over, takes back what is over, and says what holds from now on.
     *
     * @param nowNanos the time
     * @return what to send to all others now
     */
    public Report report(long nowNanos) {
        membership.look(nowNanos);
        retired.values().removeIf(shares -> nowNanos - shares.untilNanos() >= 0);
        number++;
        sentNanos[(int) (number % SENT)] = nowNanos;
        boolean measuring = nowNanos - measureNanos >= 0;
        if (measuring) {
            measureNanos = Math.max(measureNanos, nowNanos - timing.intervalNanos()) + timing.intervalNanos();
            hurries = Math.min(HURRIES * INTERVALS_PER_HURRY, hurries + 1);
        } else {
            hurries -= INTERVALS_PER_HURRY;
        }
        dueNanos = measureNanos;
        Map<String, Report.Claim> claims = new HashMap<>();
        limits.forEach((name, shares) -> {
            if (measuring) {
                shares.measure(nowNanos);
            }
            if (shares.isLending()) {
                claims.put(name, shares.claim(home(shares, nowNanos), number, nowNanos));
            }
            apply(shares, nowNanos);
        });
        desk.shares().values().forEach(leased -> apply(leased, nowNanos));
        return new Report(
                settings.node(),
                life,
                number,
                false,
                membership.roster(),
                membership.heard(),
                membership.departed(),
                claims);
    }

    /**
     * When {@link #ask} is to be called next.
     *
     * @param nowNanos the time
     * @return the time; far away where no limit is leased
     */
    public long askNanos(long nowNanos) {
        return desk.dueNanos(nowNanos);
    }

    /**
     * Asks for permits for the limits that are leased. What is deposited by that is not used any more when this returns.
     *
     * @param nowNanos the time
     * @return what to ask at once; null for nothing
     */
    public @Nullable NumberedAsk ask(long nowNanos) {
        return desk.ask(membership.nodes(), nowNanos);
    }

    /**
     * Learns what became of an ask.
     *
     * @param number its number
     * @param answer what was granted; null if it failed
     * @param nowNanos the time
     */
    public void answered(long number, PermitBuckets.@Nullable Answer answer, long nowNanos) {
        desk.answered(number, answer, nowNanos);
    }

    /** How many asks were not answered in time. */
    long unanswered() {
        return desk.unanswered();
    }

    /**
     * Says goodbye: the others divide without this node from now on. Nothing may be let through here any more.
     *
     * @return what to send to all others, best more than once
     */
    public Report leave() {
        return new Report(
                settings.node(), life, ++number, true, membership.roster(), Map.of(), membership.departed(), Map.of());
    }

    /**
     * Leaves out a silent node that will not come back, on all nodes. It belongs to the cluster again if it does.
     *
     * @param node its name
     * @param nowNanos the time
     * @return false if no node of this name is silent
     */
    public boolean forget(String node, long nowNanos) {
        boolean forgotten = membership.forget(node);
        applyAll(nowNanos);
        return forgotten;
    }

    /**
     * Learns that no other can be reached: what they lend is given up at once.
     *
     * @param nowNanos the time
     */
    public void disconnected(long nowNanos) {
        membership.silence();
        patientUntilNanos = nowNanos;
        applyAll(nowNanos);
    }

    private void applyAll(long nowNanos) {
        limits.values().forEach(shares -> apply(shares, nowNanos));
        desk.shares().values().forEach(leased -> apply(leased, nowNanos));
    }

    private void apply(LeasedShare leased, long nowNanos) {
        leased.home(home(true, nowNanos), membership.nodes());
        leased.apply(nowNanos);
    }

    private void apply(LimitShares shares, long nowNanos) {
        shares.apply(home(shares, nowNanos), nowNanos);
    }

    /**
     * Takes a report of another node; one's own is left aside.
     *
     * @param report what came
     * @param nowNanos the time
     */
    public void received(Report report, long nowNanos) {
        long lifeBefore = membership.life(report.node());
        Peer peer = membership.heard(report, nowNanos);
        Long over = report.departed().get(settings.node());
        if (over != null && over >= life) {
            beginNewLife(over, nowNanos);
        }
        if (peer == null) {
            return;
        }
        if (report.life() != lifeBefore) {
            limits.values().forEach(shares -> shares.end(peer));
        }
        long heard = heardNumber(report);
        if (heard > 0) {
            peer.lease(sentNanos[(int) (heard % SENT)] + timing.leaseNanos());
        }
        boolean matters = false;
        for (Map.Entry<String, LimitShares> entry : limits.entrySet()) {
            Report.Claim claim = report.claims().get(entry.getKey());
            LimitShares shares = entry.getValue();
            if (claim == null) {
                shares.end(peer);
            } else if (shares.isLending()) {
                matters |= shares.heard(peer, claim, settings.node(), heard, home(shares, nowNanos), nowNanos);
            }
        }
        if (matters && hurries >= INTERVALS_PER_HURRY) {
            hurry();
        }
    }

    /** Who was forgotten, and is there. What was lent to the life before comes back to the lenders when they hear of this one. */
    private void beginNewLife(long before, long nowNanos) {
        life = before + 1;
        limits.values().forEach(LimitShares::giveBack);
        applyAll(nowNanos);
    }

    /** The number of the last report of this life that the sender has heard; 0 if none, or so old that no lease is left of it. */
    private long heardNumber(Report report) {
        Report.Heard last = report.heard().getOrDefault(settings.node(), Report.Heard.NOTHING);
        return last.life() == life && last.number() > number - SENT ? last.number() : 0;
    }

    /** The next report follows the last one sooner. */
    private void hurry() {
        long soon = sentNanos[(int) (number % SENT)] + timing.hurriedNanos(membership.nodes());
        dueNanos = soon - dueNanos < 0 ? soon : dueNanos;
    }

    private long home(LimitShares shares, long nowNanos) {
        long home = home(shares.isLending(), nowNanos);
        return shares.isDeposited(nowNanos) ? Math.min(home, LimitShares.kept(membership.nodes())) : home;
    }

    /**
     * What is this node's before it lends and borrows. At first what a run before this one may have lent is left aside, until nobody can use it any more.
     *
     * @param giving whether nodes give each other of what is theirs
     */
    private long home(boolean giving, long nowNanos) {
        boolean patient = nowNanos - patientUntilNanos < 0;
        if (membership.isAlone() && !patient && settings.whenAlone() != WhenAlone.EVEN) {
            return settings.whenAlone() == WhenAlone.OPEN ? LimitShares.OPEN : 0;
        }
        if (!giving) {
            return Parts.even(membership.nodes());
        }
        return nowNanos - quietUntilNanos < 0 ? LimitShares.kept(membership.nodes()) : membership.home(patient);
    }
}
