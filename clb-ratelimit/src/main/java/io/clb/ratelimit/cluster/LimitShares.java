package io.clb.ratelimit.cluster;

import static java.util.Objects.requireNonNull;

import io.clb.ratelimit.Parts;
import io.clb.spi.Division;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * This node's share of one limit. What is its own it may use or lend, and what is lent it has given up before anybody hears of it: so what all nodes may use adds up to
 * their home parts and no more, whatever becomes of messages and nodes.
 */
final class LimitShares {

    /** In place of a home part: the limit is lifted. */
    static final long OPEN = 1L << 50;

    /** A node lends all but this part of what is its own, so that it can let something through at once when its turn comes. */
    private static final int KEPT = 32;

    /** What is lent more, or comes back, is used at once if it is this part of a home part; else from the next report on. */
    private static final int HELPS = 64;

    /** What is taken back, or comes back, is worth a hurried report from this part of a home part on. */
    private static final int CHANGES = 16;

    /** So is a demand above a home part that moved by this part; less is chance. */
    private static final int MATTERS = 4;

    private final SharedLimit limit;
    private final Division division;
    private final Timing timing;
    private final DemandGauge gauge;
    private final long depositUntilNanos;
    private final Map<Peer, Account> accounts = new LinkedHashMap<>();

    private long demand;

    /** What was told to the limit last. */
    private long own;

    private long borrowed;

    /** What this node has to do with another. */
    private static final class Account {
        final Loan loan;
        long demand;
        long held;

        Account(Loan loan) {
            this.loan = loan;
        }
    }

    /**
     * Takes over from another division.
     *
     * @param before that of the same name, which is gone, and lent something that may be in use still
     * @param depositUntilNanos until when the home part may be deposited in a bucket of permits
     */
    LimitShares(
            SharedLimit limit,
            Division division,
            Timing timing,
            @Nullable LimitShares before,
            long depositUntilNanos,
            long nowNanos) {
        this.limit = limit;
        this.depositUntilNanos = depositUntilNanos;
        this.division = division;
        this.timing = timing;
        if (before != null) {
            before.accounts.forEach((peer, account) -> accounts.put(peer, new Account(account.loan)));
        }
        gauge = new DemandGauge(limit, nowNanos);
    }

    /** Whether others may be granted this node's part by a bucket of permits. */
    boolean isDeposited(long nowNanos) {
        return nowNanos - depositUntilNanos < 0;
    }

    long depositUntilNanos() {
        return depositUntilNanos;
    }

    /** Finds out what is wanted here. */
    void measure(long nowNanos) {
        demand = gauge.measure(nowNanos);
    }

    /**
     * Takes note of what another says.
     *
     * @param heard the number of the last report of this node that it has heard; 0 if of none in this life, so that what it lends was lent to another
     * @return whether others should know soon what follows
     */
    boolean heard(Peer peer, Report.Claim claim, String self, long heard, long home, long nowNanos) {
        Account account = accounts.computeIfAbsent(peer, key -> new Account(new Loan()));
        boolean matters = Math.abs(Math.max(home, claim.demand()) - Math.max(home, account.demand)) > home / MATTERS;
        account.demand = claim.demand();
        long held = heard > 0 ? claim.loans().getOrDefault(self, 0L) : 0;
        long lent = account.loan.most();
        account.loan.returned(heard, nowNanos);
        long back = lent - account.loan.most();
        long more = held - account.held;
        matters |= back > home / CHANGES || -more > home / CHANGES;
        account.held = held;
        if (back > home / HELPS || more > home / HELPS) {
            apply(home, nowNanos);
        }
        return matters;
    }

    /** Uses nothing any more of what others lend. */
    void giveBack() {
        accounts.values().forEach(account -> account.held = 0);
    }

    /** Nothing is lent to or by a node that does not take part, or has begun a new life. */
    void end(Peer peer) {
        accounts.remove(peer);
    }

    /** Takes back what nobody can use any more. */
    private void collect(long nowNanos) {
        accounts.entrySet().removeIf(entry -> {
            if (entry.getKey().mayBorrow(nowNanos, timing)) {
                entry.getValue().loan.returned(0, nowNanos);
                return false;
            }
            return true;
        });
    }

    /** What has been lent and may be in use. */
    long lent() {
        long lent = 0;
        for (Account account : accounts.values()) {
            lent += account.loan.most();
        }
        return lent;
    }

    /**
     * Decides what to lend to whom.
     *
     * @param number of the report that will say so
     * @return the claim for it
     */
    Report.Claim claim(long home, long number, long nowNanos) {
        collect(nowNanos);
        List<Peer> peers = new ArrayList<>(accounts.size());
        for (Peer peer : accounts.keySet()) {
            if (peer.isPresent()) {
                peers.add(peer);
            }
        }
        long[] demands = new long[peers.size() + 1];
        for (int i = 0; i < peers.size(); i++) {
            demands[i] = account(peers.get(i)).demand;
        }
        demands[peers.size()] = demand;
        long[] targets = MaxMin.split(demands, home * demands.length, home / KEPT);
        long[] loans = loans(targets, home);
        limitIncrease(loans, peers, Math.max(0, home - Math.min(home, targets[peers.size()]) - lent()));
        Map<String, Long> said = new HashMap<>();
        for (int i = 0; i < loans.length; i++) {
            Loan loan = account(peers.get(i)).loan;
            if (loans[i] > 0 || loan.said() > 0 || loan.most() > 0) {
                loan.say(loans[i], number, nowNanos, timing.returnedNanos());
            }
            if (loans[i] > 0) {
                said.put(peers.get(i).name(), loans[i]);
            }
        }
        return new Report.Claim(demand, said);
    }

    private Account account(Peer peer) {
        return requireNonNull(accounts.get(peer));
    }

    /** Lends what this node has too much to those who have too little, in proportion to what they lack; every other node does the same. */
    private static long[] loans(long[] targets, long home) {
        int self = targets.length - 1;
        long[] loans = new long[self];
        long spare = home - targets[self];
        double lacking = 0;
        for (int i = 0; i < self; i++) {
            lacking += Math.max(0, targets[i] - home);
        }
        if (spare <= 0 || lacking == 0) {
            return loans;
        }
        for (int i = 0; i < self; i++) {
            loans[i] = (long) (spare * (Math.max(0, targets[i] - home) / lacking));
        }
        return loans;
    }

    /** Cuts what is to be lent beyond what was: what others have not given back yet cannot be lent. */
    private void limitIncrease(long[] loans, List<Peer> peers, long room) {
        double more = 0;
        for (int i = 0; i < loans.length; i++) {
            more += Math.max(0, loans[i] - account(peers.get(i)).loan.most());
        }
        if (more <= room) {
            return;
        }
        for (int i = 0; i < loans.length; i++) {
            long most = account(peers.get(i)).loan.most();
            if (loans[i] > most) {
                loans[i] = most + (long) (room * ((loans[i] - most) / more));
            }
        }
    }

    /** Tells the limit what this node may let through now, and when that is over. */
    void apply(long home, long nowNanos) {
        if (home == OPEN) {
            limit.open();
            return;
        }
        own = Math.max(0, home - lent());
        borrowed = 0;
        long until = nowNanos + timing.leaseNanos();
        for (Map.Entry<Peer, Account> entry : accounts.entrySet()) {
            Peer peer = entry.getKey();
            if (entry.getValue().held > 0 && peer.lends(nowNanos)) {
                borrowed += entry.getValue().held;
                until = peer.leaseNanos() - until < 0 ? peer.leaseNanos() : until;
            }
        }
        limit.move(own + borrowed, until, own, nowNanos);
    }

    boolean isLending() {
        return division == Division.ADAPTIVE;
    }

    long own() {
        return own;
    }

    long borrowed() {
        return borrowed;
    }

    long demand() {
        return demand;
    }

    /** The most that a node may have lent in its life before this one, which may be in use still. */
    static long kept(int nodes) {
        return Parts.even(nodes) / KEPT;
    }
}
