package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.schedule.Schedulers;
import io.clb.spi.RateLimiterFactory;
import io.clb.spi.SchedulerFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds strategies by name: the catalogues first, then what other libraries offer through {@link ServiceLoader}. */
public final class Extensions {

    private Extensions() {}

    /**
     * Finds a scheduler by name.
     *
     * @param name a code of the catalogue, such as {@code "wrr"}, or the name of a provider
     * @return the factory
     * @throws IllegalArgumentException if there is none of that name; the message lists those there are
     * @throws IllegalStateException if two providers share a name; the message names both
     */
    public static SchedulerFactory scheduler(String name) {
        requireNonNull(name, "name");
        List<SchedulerFactory> offered = new ArrayList<>(Schedulers.catalogue());
        offered.addAll(load(SchedulerFactory.class));
        Map<String, SchedulerFactory> byName = byName(offered, SchedulerFactory::name, "scheduler");
        SchedulerFactory found = byName.get(name);
        if (found == null) {
            throw new IllegalArgumentException("scheduler: " + name + " (expected: one of " + byName.keySet() + ")");
        }
        return found;
    }

    /**
     * Finds who makes limiters.
     *
     * @return an unmodifiable map by name; empty without io.clb:clb-ratelimit
     * @throws IllegalStateException if two providers share a name; the message names both
     */
    public static Map<String, RateLimiterFactory> rateLimiters() {
        return Collections.unmodifiableMap(
                byName(load(RateLimiterFactory.class), RateLimiterFactory::name, "rate limiter"));
    }

    /** The one engine on the class path. */
    static EngineProvider engine() {
        Map<String, EngineProvider> byName = byName(load(EngineProvider.class), EngineProvider::name, "engine");
        if (byName.isEmpty()) {
            throw new IllegalStateException("no engine on the class path: add io.clb:clb-l4");
        }
        if (byName.size() > 1) {
            throw new IllegalStateException(
                    "more than one engine on the class path: " + byName.keySet() + "; choose one with .engine(...)");
        }
        return byName.values().iterator().next();
    }

    private static <T> Map<String, T> byName(List<T> offered, Function<T, String> name, String kind) {
        Map<String, T> byName = new LinkedHashMap<>();
        for (T provider : offered) {
            T other = byName.putIfAbsent(name.apply(provider), provider);
            if (other != null) {
                throw new IllegalStateException("two providers of " + kind + " " + name.apply(provider) + ": "
                        + other.getClass().getName() + " and "
                        + provider.getClass().getName() + "; remove one");
            }
        }
        return byName;
    }

    /** Looks with this library's class loader, and with the context class loader only for what the first does not know. */
    private static <T> List<T> load(Class<T> type) {
        Map<Class<?>, T> found = new LinkedHashMap<>();
        try {
            load(ServiceLoader.load(type, Extensions.class.getClassLoader()), found);
            ClassLoader context = Thread.currentThread().getContextClassLoader();
            if (knows(context, type)) {
                load(ServiceLoader.load(type, context), found);
            }
        } catch (ServiceConfigurationError e) {
            throw new IllegalStateException(
                    "a provider of " + type.getName() + " cannot be loaded: " + e.getMessage(), e);
        }
        return List.copyOf(found.values());
    }

    /** False in an application that brings its own copy of this library to a server that has one: its providers are not for this copy. */
    private static boolean knows(@Nullable ClassLoader loader, Class<?> type) {
        try {
            return loader != null && loader.loadClass(type.getName()) == type;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static <T> void load(ServiceLoader<T> loader, Map<Class<?>, T> found) {
        loader.stream().forEach(provider -> found.computeIfAbsent(provider.type(), key -> provider.get()));
    }
}
