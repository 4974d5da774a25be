package io.clb;

import io.clb.schedule.ConsistentHash;
import io.clb.schedule.PeakEwma;
import io.clb.schedule.QuicConnectionId;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.ServerDiscovery;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The rules for the schedulers of a listener: its own, or those of the groups that it sends flows to. */
final class SchedulerRules {

    private static final int MAX_KEY_NAME = 100;

    private SchedulerRules() {}

    /** What is wrong with a scheduler's own settings, wherever it is used. */
    static void check(String where, SchedulerFactory scheduler, Mistakes mistakes) {
        String place = where + ": scheduler " + scheduler.name();
        if (scheduler instanceof ConsistentHash hash) {
            Options.HASH_SLOTS.check(place, hash.slots(), mistakes);
            checkKey(place, hash.key(), hash.keyName(), mistakes);
        } else if (scheduler instanceof PeakEwma ewma) {
            Options.EWMA_DECAY.check(place, ewma.decay(), mistakes);
        } else if (scheduler instanceof QuicConnectionId quic) {
            QuicRules.check(place, quic, mistakes);
        }
    }

    private static void checkKey(String place, ConsistentHash.Key key, String name, Mistakes mistakes) {
        boolean sound = switch (key) {
            case SOURCE, FOUR_TUPLE, PATH -> true;
            case QUERY -> !name.isEmpty() && name.chars().allMatch(c -> c > ' ' && c < 0x7f && "&=#".indexOf(c) < 0);
            case HEADER, COOKIE -> Names.isToken(name);
        };
        if (!sound || name.length() > MAX_KEY_NAME) {
            String expected = key == ConsistentHash.Key.QUERY
                    ? "a name of 1 to " + MAX_KEY_NAME + " visible ASCII characters other than & = #"
                    : "a name of 1 to " + MAX_KEY_NAME + " letters, digits and " + Names.TOKEN_MARKS;
            mistakes.add(place, key.name().toLowerCase(Locale.ROOT), name, expected);
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
        String target = listener.serverGroup();
        Set<String> targets = target == null ? Set.of() : Set.of(target);
        check(where, listener.scheduler(), targets, groups, fits, expectation, mistakes);
        listener.rules().values().forEach(rule -> {
            if (rule.mirrorGroup() != null) {
                checkGroup(where + ": rule " + rule.name(), rule.mirrorGroup(), groups, fits, expectation, mistakes);
            }
            // What is wrong with the listener's was said.
            if (rule.scheduler() != null || listener.scheduler() == null) {
                Set<String> ofRule = rule.serverGroups().keySet();
                String place = where + ": rule " + rule.name();
                check(place, rule.scheduler(), ofRule, groups, fits, expectation, mistakes);
            }
        });
    }

    private static void check(
            String where,
            @Nullable SchedulerFactory own,
            Set<String> targets,
            Map<String, ServerGroupConfig> groups,
            Predicate<SchedulerFactory> fits,
            String expectation,
            Mistakes mistakes) {
        if (own == null) {
            targets.forEach(target -> checkGroup(where, target, groups, fits, expectation, mistakes));
            return;
        }
        check(where, own, mistakes);
        if (!fits.test(own)) {
            mistakes.add(where, "scheduler", own.name(), expectation);
        }
        for (String target : targets) {
            ServerGroupConfig group = groups.get(target);
            if (group != null) {
                check(where + ": serverGroup " + target, own, group.servers(), group.discovery(), mistakes);
            }
        }
    }

    private static void checkGroup(
            String where,
            String name,
            Map<String, ServerGroupConfig> groups,
            Predicate<SchedulerFactory> fits,
            String expectation,
            Mistakes mistakes) {
        ServerGroupConfig group = groups.get(name);
        if (group != null && !fits.test(group.scheduler())) {
            mistakes.add(
                    where + ": serverGroup " + name,
                    "scheduler",
                    group.scheduler().name(),
                    expectation);
        }
    }
}
