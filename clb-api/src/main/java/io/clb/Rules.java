package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The rules of a listener while it is set up. */
final class Rules {

    private static final int MAX_RULES = 10_000;

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

    /** As long as host and path are all that a rule asks for, only the first of those that ask for the same ever gets a request. */
    private static void checkReachable(String listener, Map<String, RuleConfig> built, Mistakes mistakes) {
        Map<String, RuleConfig> firsts = new HashMap<>();
        built.values().forEach(rule -> firsts.merge(rule.conditions(), rule, Rules::first));
        for (RuleConfig rule : built.values()) {
            RuleConfig first = firsts.getOrDefault(rule.conditions(), rule);
            if (!rule.name().equals(first.name())) {
                String why = rule.priority() == first.priority()
                        ? "of the same priority: the two can never be told apart"
                        : "of priority " + first.priority() + " before " + rule.priority()
                                + ": this one can never match";
                mistakes.add(
                        listener + ": rule " + rule.name(),
                        "host and path",
                        rule.conditions(),
                        "not those of rule " + first.name() + ", " + why);
            }
        }
    }

    /** Of two rules that take the same requests: the one that gets them. */
    private static RuleConfig first(RuleConfig one, RuleConfig other) {
        return other.priority() < one.priority() ? other : one;
    }
}
