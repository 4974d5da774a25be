package io.clb;

import static java.util.Comparator.comparingInt;
import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The rules of a listener while it is set up. */
final class Rules {

    private static final int MAX_RULES = 10_000;
    private static final int MAX_OF_ONE_PLACE = 100;

    private final Map<String, RuleConfig.Builder> builders = new LinkedHashMap<>();
    private final List<String> missing = new ArrayList<>();

    Rules(Map<String, RuleConfig> from) {
        from.forEach((name, rule) -> builders.put(name, new RuleConfig.Builder(rule)));
    }

    void set(String rule, Consumer<RuleConfig.Builder> settings) {
        requireNonNull(settings, "settings");
        settings.accept(builders.computeIfAbsent(requireNonNull(rule, "rule"), RuleConfig.Builder::new));
    }

    void remove(String rule) {
        if (builders.remove(requireNonNull(rule, "rule")) == null) {
            missing.add(rule);
        }
    }

    boolean isEmpty() {
        return builders.isEmpty();
    }

    /** Checks all of them and returns them in the order of adding. */
    Map<String, RuleConfig> build(
            String listener, ListenerConfig.Protocol protocol, Set<String> groups, Mistakes mistakes) {
        missing.forEach(rule -> mistakes.add(listener, "removeRule", rule, "one of " + builders.keySet()));
        Map<String, RuleConfig> built = new LinkedHashMap<>();
        builders.forEach((name, builder) -> {
            RuleConfig rule = builder.build(listener, groups, mistakes);
            if (rule != null) {
                built.put(name, rule);
            }
        });
        if (protocol != ListenerConfig.Protocol.HTTP) {
            builders.keySet()
                    .forEach(name -> mistakes.add(
                            listener + ": rule " + name, "protocol", protocol, "HTTP: other listeners have no rules"));
        }
        if (builders.size() > MAX_RULES) {
            mistakes.add(listener, "rules", builders.size(), "at most 10,000");
        }
        checkReachable(listener, built, mistakes);
        return Collections.unmodifiableMap(built);
    }

    private static void checkReachable(String listener, Map<String, RuleConfig> built, Mistakes mistakes) {
        Map<String, List<RuleConfig>> places = new LinkedHashMap<>();
        built.values()
                .forEach(rule -> places.computeIfAbsent(rule.place(), p -> new ArrayList<>())
                        .add(rule));
        places.forEach((place, rules) -> {
            if (rules.size() > MAX_OF_ONE_PLACE) {
                mistakes.add(listener, "rules", rules.size() + " for " + place, "at most 100 of one host and path");
            } else {
                rules.sort(comparingInt(RuleConfig::priority));
                for (int i = 1; i < rules.size(); i++) {
                    checkReachable(listener, rules.get(i), rules.subList(0, i), mistakes);
                }
            }
        });
    }

    /** That a rule gets requests, and that it is known which ones; those before it may be of the same priority. */
    private static void checkReachable(String listener, RuleConfig rule, List<RuleConfig> before, Mistakes mistakes) {
        for (RuleConfig other : before) {
            boolean same = other.priority() == rule.priority();
            boolean covered = takesAllOf(other, rule);
            String why = null;
            if (same && (covered || takesAllOf(rule, other))) {
                why = "of the same priority: the two can never be told apart";
            } else if (covered) {
                why = "of priority " + other.priority() + " before " + rule.priority() + ": this one can never match";
            } else if (same && !excludes(other, rule)) {
                why = "of the same priority: a request may fit both";
            }
            if (why != null) {
                boolean others =
                        !rule.conditions().isEmpty() || !other.conditions().isEmpty();
                mistakes.add(
                        listener + ": rule " + rule.name(),
                        others ? "conditions" : "host and path",
                        others ? rule.conditions() : rule.place(),
                        "not those of rule " + other.name() + ", " + why);
                return;
            }
        }
    }

    /** Whether each request that fits one rule fits another, of the same host and path. */
    private static boolean takesAllOf(RuleConfig wide, RuleConfig narrow) {
        return wide.conditions().stream()
                .allMatch(asked -> narrow.conditions().stream().anyMatch(asked::isImpliedBy));
    }

    /** Whether no request fits both. */
    private static boolean excludes(RuleConfig one, RuleConfig other) {
        return one.conditions().stream()
                .anyMatch(asked -> other.conditions().stream().anyMatch(asked::excludes));
    }
}
