package io.clb;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;

import io.clb.stick.Stickiness;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * One option: SPEC's range and default, just outside of the range, and how to set and to read it.
 *
 * @param outside values to refuse; none for true or false
 */
record OptionRow<T extends Comparable<T>>(
        Option<T> option,
        T lowest,
        T highest,
        T standard,
        List<T> outside,
        BiFunction<Config.Builder, T, Config.Builder> setter,
        Function<Config, T> getter) {

    OptionRow(
            Option<T> option,
            T lowest,
            T highest,
            T standard,
            BiFunction<Config.Builder, T, Config.Builder> setter,
            Function<Config, T> getter) {
        this(option, lowest, highest, standard, justOutside(lowest, highest), setter, getter);
    }

    static <T extends Comparable<T>> OptionRow<T> ofListener(
            Option<T> option, T lowest, T highest, T standard, BiConsumer<ListenerConfig.Builder, T> setter) {
        return new OptionRow<>(
                option,
                lowest,
                highest,
                standard,
                (c, value) -> c.listener("l", l -> setter.accept(l, value)),
                c -> listener(c).get(option));
    }

    static <T extends Comparable<T>> OptionRow<T> ofUdp(
            Option<T> option, T lowest, T highest, T standard, BiConsumer<ListenerConfig.Builder, T> setter) {
        return ofListener(option, lowest, highest, standard, (l, value) -> setter.accept(l.udp(0), value));
    }

    static <T extends Comparable<T>> OptionRow<T> ofHttp(
            Option<T> option, T lowest, T highest, T standard, BiConsumer<ListenerConfig.Builder, T> setter) {
        return ofListener(option, lowest, highest, standard, (l, value) -> setter.accept(l.http(0), value));
    }

    static <T extends Comparable<T>> OptionRow<T> ofGroup(
            Option<T> option,
            T lowest,
            T highest,
            T standard,
            BiConsumer<ServerGroupConfig.Builder, T> setter,
            Function<ServerGroupConfig, T> getter) {
        return new OptionRow<>(
                option,
                lowest,
                highest,
                standard,
                (c, value) -> c.serverGroup("g", g -> setter.accept(g, value)),
                c -> getter.apply(group(c)));
    }

    static <T extends Comparable<T>> OptionRow<T> ofServer(
            Option<T> option,
            T lowest,
            T highest,
            T standard,
            BiConsumer<ServerConfig.Builder, T> setter,
            Function<ServerConfig, T> getter) {
        return ofGroup(
                option,
                lowest,
                highest,
                standard,
                (g, value) -> g.server("s:80", s -> setter.accept(s, value)),
                g -> getter.apply(g.servers().get(0)));
    }

    static <T extends Comparable<T>> OptionRow<T> ofCheck(
            Option<T> option, T lowest, T highest, T standard, BiFunction<HealthCheck, T, HealthCheck> setter) {
        return ofGroup(
                option,
                lowest,
                highest,
                standard,
                (g, value) -> g.healthCheck(setter.apply(HealthCheck.tcp(), value)),
                g -> g.healthCheck().get(option));
    }

    static <T extends Comparable<T>> OptionRow<T> ofEjection(
            Option<T> option, T lowest, T highest, T standard, Function<T, Ejection> setter) {
        return ofGroup(
                option,
                lowest,
                highest,
                standard,
                (g, value) -> g.ejection(setter.apply(value)),
                g -> g.ejection().get(option));
    }

    /** A configuration without a mistake, whose first listener and group the rows set options of. */
    static Config.Builder sound() {
        return LoadBalancer.builder()
                .serverGroup("g", g -> g.server("s:80"))
                .listener("l", l -> l.tcp(0).forwardTo("g").sticky(Stickiness.sourceIp(ofHours(1))))
                .listener(
                        "web",
                        l -> l.http(0)
                                .forwardTo("g")
                                .sticky(Stickiness.insertCookie(ofMinutes(30)).stickyKeys(List.of(new byte[16]))))
                .listener("h", h -> h.http(0).rule("r", r -> r.path("/").forwardTo("g")));
    }

    static ListenerConfig listener(Config config) {
        return config.listeners().values().iterator().next();
    }

    static ServerGroupConfig group(Config config) {
        return config.serverGroups().values().iterator().next();
    }

    @SuppressWarnings("unchecked")
    private static <T> List<T> justOutside(T lowest, T highest) {
        if (lowest instanceof Duration low && highest instanceof Duration high) {
            return (List<T>) List.of(low.minusNanos(1), high.plusNanos(1), Duration.ofNanos(1), low.negated());
        }
        if (lowest instanceof Integer low && highest instanceof Integer high) {
            return (List<T>) List.of(low - 1, high + 1, Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        return List.of();
    }

    @Override
    public String toString() {
        return option.toString();
    }
}
