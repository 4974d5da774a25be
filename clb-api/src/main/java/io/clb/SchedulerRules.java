package io.clb;

import io.clb.schedule.ConsistentHash;
import io.clb.schedule.PeakEwma;
import io.clb.schedule.QuicConnectionId;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.ServerDiscovery;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The rules for the schedulers of a listener: its own, or those of the groups that it sends flows to. */
final class SchedulerRules {

    private SchedulerRules() {}

    /** What is wrong with a scheduler's own settings, wherever it is used. */
    static void check(String where, SchedulerFactory scheduler, Mistakes mistakes) {
        String place = where + ": scheduler " + scheduler.name();
        if (scheduler instanceof ConsistentHash hash) {
            Options.HASH_SLOTS.check(place, hash.slots(), mistakes);
        } else if (scheduler instanceof PeakEwma ewma) {
            Options.EWMA_DECAY.check(place, ewma.decay(), mistakes);
        } else if (scheduler instanceof QuicConnectionId quic) {
            QuicRules.check(place, quic, mistakes);
        }
    }

    /** What a scheduler needs of the servers that it picks from. */
    static void check(
            String where,
            SchedulerFactory scheduler,
            List<ServerConfig> servers,
            @Nullable ServerDiscovery discovery,
            Mistakes mistakes) {
        if (scheduler instanceof QuicConnectionId quic) {
            QuicRules.check(where, quic, servers, discovery, mistakes);
        }
    }

    /** A scheduler that cannot do with the listener's flows is reported where it was set: the listener, or the group and who sends there. */
    static void check(ListenerConfig listener, Map<String, ServerGroupConfig> groups, Mistakes mistakes) {
        String where = "listener " + listener.name();
        String expectation = "one that can be used for " + listener.protocol();
        Predicate<SchedulerFactory> fits =
                scheduler -> scheduler.serves(listener.protocol().flowKind());
        SchedulerFactory own = listener.scheduler();
        if (own != null) {
            check(where, own, mistakes);
            if (!fits.test(own)) {
                mistakes.add(where, "scheduler", own.name(), expectation);
            }
            ServerGroupConfig group = groups.get(listener.serverGroup());
            if (group != null) {
                check(where + ": serverGroup " + group.name(), own, group.servers(), group.discovery(), mistakes);
            }
            return;
        }
        String target = listener.serverGroup();
        if (target != null) {
            checkGroup(where, target, groups, fits, expectation, mistakes);
        }
        listener.rules()
                .values()
                .forEach(rule -> checkGroup(
                        where + ": rule " + rule.name(), rule.serverGroup(), groups, fits, expectation, mistakes));
    }

    private static void checkGroup(
            String where,
            @Nullable String name,
            Map<String, ServerGroupConfig> groups,
            Predicate<SchedulerFactory> fits,
            String expectation,
            Mistakes mistakes) {
        ServerGroupConfig group = name == null ? null : groups.get(name);
        if (group != null && !fits.test(group.scheduler())) {
            mistakes.add(
                    where + ": serverGroup " + name,
                    "scheduler",
                    group.scheduler().name(),
                    expectation);
        }
    }
}
