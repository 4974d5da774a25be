package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.schedule.Schedulers;
import io.clb.spi.AccessPolicy;
import io.clb.spi.HealthChecker;
import io.clb.spi.QuotaCoordinatorFactory;
import io.clb.spi.RateLimiterFactory;
import io.clb.spi.RequestFilter;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.ServerDiscovery;
import io.clb.spi.ServerDiscoveryFactory;
import io.clb.spi.SessionStickerFactory;
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
     * @return the factory, a new object at each call if it is a provider's
     * @throws IllegalArgumentException if there is none of that name; the message lists those there are
     * @throws IllegalStateException if two providers share a name, and the message names both, or if one cannot be loaded
     */
    public static SchedulerFactory scheduler(String name) {
        return find(name, SchedulerFactory.class, SchedulerFactory::name, "scheduler", Schedulers.catalogue());
    }

    /**
     * Finds a session sticker by name. Those of {@link io.clb.stick.Stickiness} have none: each of them takes a time.
     *
     * @param name the name of a provider
     * @return the factory, a new object at each call if it is a provider's
     * @throws IllegalArgumentException if there is none of that name; the message lists those there are
     * @throws IllegalStateException if two providers share a name, and the message names both, or if one cannot be loaded
     */
    public static SessionStickerFactory sticker(String name) {
        return find(name, SessionStickerFactory.class, SessionStickerFactory::name, "sticker", List.of());
    }

    /**
     * Finds an access policy by name. {@link AccessControl} has none: it takes a list of addresses.
     *
     * @param name the name of a provider
     * @return the policy, a new object at each call if it is a provider's
     * @throws IllegalArgumentException if there is none of that name; the message lists those there are
     * @throws IllegalStateException if two providers share a name, and the message names both, or if one cannot be loaded
     */
    public static AccessPolicy accessPolicy(String name) {
        return find(name, AccessPolicy.class, AccessPolicy::name, "access policy", List.of());
    }

    /**
     * Finds a filter of requests by name.
     *
     * @param name the name of a provider
     * @return the filter, a new object at each call if it is a provider's
     * @throws IllegalArgumentException if there is none of that name; the message lists those there are
     * @throws IllegalStateException if two providers share a name, and the message names both, or if one cannot be loaded
     */
    public static RequestFilter requestFilter(String name) {
        return find(name, RequestFilter.class, RequestFilter::name, "request filter", List.of());
    }

    /**
     * Finds a health check of somebody's own by name, for {@link HealthCheck#custom}. The other kinds of {@link HealthCheck} are no checkers.
     *
     * @param name the name of a provider
     * @return the checker, a new object at each call if it is a provider's
     * @throws IllegalArgumentException if there is none of that name; the message lists those there are
     * @throws IllegalStateException if two providers share a name, and the message names both, or if one cannot be loaded
     */
    public static HealthChecker healthChecker(String name) {
        return find(name, HealthChecker.class, HealthChecker::name, "health checker", List.of());
    }

    /**
     * Makes a discovery by name.
     *
     * @param name the name of a provider, such as {@code "dns"} of io.clb:clb-l4
     * @param target what to look for, in words of the provider's own
     * @return the discovery, to be given to a server group
     * @throws IllegalArgumentException if there is no provider of that name, and the message lists those there are; or if it cannot use the target
     * @throws IllegalStateException if two providers share a name; the message names both
     */
    public static ServerDiscovery discovery(String name, String target) {
        requireNonNull(target, "target");
        return find(name, ServerDiscoveryFactory.class, ServerDiscoveryFactory::name, "discovery", List.of())
                .create(target);
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

    /**
     * Finds who divides totals among nodes that talk to each other.
     *
     * @return an unmodifiable map by name; empty without io.clb:clb-ratelimit
     * @throws IllegalStateException if two providers share a name; the message names both
     */
    public static Map<String, QuotaCoordinatorFactory> quotaCoordinators() {
        return Collections.unmodifiableMap(
                byName(load(QuotaCoordinatorFactory.class), QuotaCoordinatorFactory::name, "quota coordinator"));
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

    private static <T> T find(String name, Class<T> type, Function<T, String> nameOf, String kind, List<T> catalogue) {
        requireNonNull(name, "name");
        List<T> offered = new ArrayList<>(catalogue);
        offered.addAll(load(type));
        Map<String, T> byName = byName(offered, nameOf, kind);
        T found = byName.get(name);
        if (found == null) {
            String expected = byName.isEmpty()
                    ? "that of a provider of " + type.getName() + "; there is none"
                    : "one of " + byName.keySet();
            throw new IllegalArgumentException(kind + ": " + name + " (expected: " + expected + ")");
        }
        return found;
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
