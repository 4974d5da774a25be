package io.clb.engine;

import io.clb.HealthCheck;
import io.clb.ServerConfig;
import io.clb.ServerGroupConfig;
import io.clb.spi.GroupView;
import io.clb.spi.Reason;
import io.clb.spi.Server;
import io.clb.spi.ServerState;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A server group at run time: from the update that brings it to the one that removes it. */
final class RunGroup {

    private final String name;
    private final Room.Inboxes loops;
    private final ConnectQueue queue;
    private final Tally tally;

    // written by control; read by any thread that takes a snapshot
    private volatile Members members;

    // written by control; read by any thread that takes a snapshot
    private volatile long spared;
    private volatile long drainsCutShort;

    // written by control; read by any thread that takes a snapshot
    private volatile List<Pool> pools = List.of();

    RunGroup(Members members, Tally tally, Loop... loops) {
        this.tally = tally;
        this.name = members.config.name();
        this.loops = (loop, task) -> loops[loop].execute(task);
        this.queue = new ConnectQueue(loops.length, null);
        this.members = members;
    }

    String name() {
        return name;
    }

    /** What is counted of it. */
    Tally tally() {
        return tally;
    }

    Members members() {
        return members;
    }

    /** Puts other members in force. Control only. */
    void members(Members changed) {
        members = changed;
        for (Member member : changed.sorted) {
            member.server.config(member.config, loops, queue);
        }
        queue.rooms(changed.sorted.stream()
                .filter(member -> member.server.isBounded())
                .map(member -> member.server.room())
                .toList());
        queue.most(changed.sorted.stream()
                .filter(member -> member.server.isBounded()
                        && !member.config.queueTimeout().isZero())
                .mapToInt(member -> member.config.queue())
                .sum());
    }

    /** Tells those who wait for room which servers take flows now, as pickers that say so are in force. Control only. */
    void admit() {
        boolean awaited = false;
        boolean unbounded = false;
        for (Member member : members.sorted) {
            boolean takes = members.takesFlows(member);
            member.server.takesFlows(takes);
            awaited |= takes && member.server.isBounded();
            unbounded |= takes && !member.server.isBounded();
        }
        if (queue.waiting() > 0 && (unbounded || !awaited)) {
            Room.dismiss(queue, loops);
        }
    }

    /** How many flows wait for room. */
    int waiting() {
        return queue.waiting();
    }

    /** How often a server was not ejected, as no more may be. */
    long spared() {
        return spared;
    }

    /** Control only. */
    void countSpared() {
        long before = spared;
        spared = before + 1;
    }

    /** How many removed servers had less than their time to drain. */
    long drainsCutShort() {
        return drainsCutShort;
    }

    /** Control only. */
    void countDrainCutShort() {
        long before = drainsCutShort;
        drainsCutShort = before + 1;
    }

    /** Takes down who picks from it now. Control only. */
    void pools(List<Pool> changed) {
        pools = changed;
    }

    /** How often a server that was remembered for a client was forgotten for want of room. */
    long forgotten() {
        return pools.stream().mapToLong(Pool::forgotten).sum();
    }

    /** A server and what is configured for it, which may not be in force yet. */
    record Member(RunServer server, ServerConfig config, boolean checked) {

        boolean isEligible() {
            return config.admin() == ServerConfig.Admin.IN_SERVICE
                    && (!checked || server.isFit())
                    && !server.isEjected();
        }

        boolean takesFlows() {
            return isEligible() && config.weight() > 0;
        }

        boolean isDown() {
            return checked && server.health().state() == ServerState.DOWN;
        }

        /** Whether nothing but what it does itself can keep flows from it. */
        boolean isWanted() {
            return config.admin() == ServerConfig.Admin.IN_SERVICE && config.weight() > 0;
        }

        /** Whether it would take flows if it were not down or ejected. */
        boolean isLastResort() {
            return isWanted() && isUnfit();
        }

        boolean isUnfit() {
            return isDown() || server.isEjected();
        }
    }

    /** The servers of a group under one configuration, in the order of their ids. Immutable, but for the servers' health, which is control's. */
    static final class Members {

        private final ServerGroupConfig config;
        private final List<Member> sorted;
        private final Map<String, RunServer> byId;
        private final Ramps ramps;
        private final boolean failingOpen;

        /**
         * Gathers the members.
         *
         * @param servers gives the run-time server for each configured one
         * @param before who served under the configuration before
         */
        Members(ServerGroupConfig config, Function<ServerConfig, RunServer> servers, Ramps before, long nowNanos) {
            this.config = config;
            boolean checked = config.healthCheck().kind() != HealthCheck.Kind.NONE;
            this.sorted = config.servers().stream()
                    .map(server -> new Member(servers.apply(server), server, checked))
                    .sorted(Comparator.comparing(member -> member.server.id()))
                    .toList();
            this.byId = sorted.stream().collect(Collectors.toMap(member -> member.server.id(), Member::server));
            this.ramps = before.next(config.slowStart(), sorted, nowNanos);
            this.failingOpen = failsOpen();
        }

        private Members(Members same, Ramps ramps) {
            this.config = same.config;
            this.sorted = same.sorted;
            this.byId = same.byId;
            this.ramps = ramps;
            this.failingOpen = failsOpen();
        }

        private boolean failsOpen() {
            return config.failOpen()
                    && sorted.stream().noneMatch(Member::takesFlows)
                    && sorted.stream().anyMatch(Member::isLastResort);
        }

        /** The same members a moment later: with what health and time have made of their weights. Control only. */
        Members at(long nowNanos) {
            return new Members(this, ramps.next(config.slowStart(), sorted, nowNanos));
        }

        ServerGroupConfig config() {
            return config;
        }

        List<Member> sorted() {
            return sorted;
        }

        @Nullable
        RunServer find(String id) {
            return byId.get(id);
        }

        Ramps ramps() {
            return ramps;
        }

        /** Whether a server takes flows. Control only. */
        boolean isServing(RunServer server) {
            return sorted.stream().anyMatch(member -> member.server == server && member.takesFlows());
        }

        /** Whether pickers of these members give flows to a member. Control only. */
        boolean takesFlows(Member member) {
            return member.takesFlows() || (failingOpen && member.isLastResort());
        }

        /** Whether one more server may be ejected: no more than so much of the group, and never the last that takes flows. Control only. */
        boolean mayEject(int maxPercent) {
            int wanted = (int) sorted.stream().filter(Member::isWanted).count();
            int ejected = (int) sorted.stream()
                    .filter(member -> member.isWanted() && member.server.isEjected())
                    .count();
            long serving = sorted.stream().filter(Member::takesFlows).count();
            return serving > 1 && ejected < EjectionTimes.most(wanted, maxPercent);
        }

        /** Whether a member takes nothing new for good, so that what runs on it is to end. In maintenance it is to stay as it is. Control only. */
        boolean isDraining(Member member) {
            return switch (member.config.admin()) {
                case DRAINING -> true;
                case MAINTENANCE -> false;
                case IN_SERVICE -> member.isDown() && !(failingOpen && member.isLastResort());
            };
        }

        /** Lets servers that no longer drain keep what pickers of these members will give them: before those are in force. Control only. */
        void letBack() {
            for (Member member : sorted) {
                if (!isDraining(member)) {
                    member.server.drained(false);
                }
            }
        }

        /** Whether flows go to servers that are down or ejected, as no other is left. */
        boolean isFailingOpen() {
            return failingOpen;
        }

        /** The weight in force of a member, whether it takes flows or not. */
        int weight(Member member) {
            return ramps.weight(member.server, member.config.weight());
        }

        /** Whether weights in force are others now, by time alone. */
        boolean isOutOfDate(long nowNanos) {
            return sorted.stream()
                    .anyMatch(
                            member -> weight(member) != ramps.weight(member.server, member.config.weight(), nowNanos));
        }

        /** The servers that may take new flows now. Control only. */
        GroupView eligible(int loops, long seed) {
            List<Member> eligible = sorted.stream()
                    .filter(member -> member.isEligible() || (failingOpen && member.isLastResort()))
                    .toList();
            return new Eligible(this, eligible, loops, seed);
        }

        /** What to tell a flow for which no server is left: every check fails, or something else is in the way. Control only. */
        Reason whyNone() {
            boolean allDown = !sorted.isEmpty() && sorted.stream().allMatch(Member::isUnfit);
            return allDown ? Reason.ALL_SERVERS_DOWN : Reason.NO_SERVER_AVAILABLE;
        }
    }

    private record Eligible(Members all, List<Member> eligible, int loops, long seed) implements GroupView {

        @Override
        public String name() {
            return all.config.name();
        }

        @Override
        public int size() {
            return eligible.size();
        }

        @Override
        public Server server(int index) {
            return eligible.get(index).server();
        }

        @Override
        public int weight(int index) {
            return all.weight(eligible.get(index));
        }

        @Override
        public int configuredWeight(int index) {
            return eligible.get(index).config().weight();
        }

        @Override
        public Map<String, String> tags(int index) {
            return eligible.get(index).config().tags();
        }
    }
}
