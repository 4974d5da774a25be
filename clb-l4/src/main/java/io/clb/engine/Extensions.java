package io.clb.engine;

import io.clb.HealthCheck;
import io.clb.ListenerConfig;
import io.clb.spi.QuotaCoordinatorFactory;
import io.clb.spi.RateLimiterFactory;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Function;

/**
 * What is plugged into the engine: this library's modules, and who makes limiters.
 *
 * @param protocols by what listeners speak
 * @param probes by kind of health check
 * @param rateLimiters by name
 * @param quotaCoordinators by name
 */
record Extensions(
        Map<ListenerConfig.Protocol, Protocol> protocols,
        Map<HealthCheck.Kind, ProbeProtocol> probes,
        Map<String, RateLimiterFactory> rateLimiters,
        Map<String, QuotaCoordinatorFactory> quotaCoordinators) {

    /** Finds the modules that are there. */
    static Extensions load() {
        Map<HealthCheck.Kind, ProbeProtocol> probes = new EnumMap<>(HealthCheck.Kind.class);
        for (ProbeProtocol own : List.of(new TcpProbe(), new UdpProbe())) {
            probes.put(own.kind(), own);
        }
        collect(ProbeProtocol.class, ProbeProtocol::kind, probes);
        Map<ListenerConfig.Protocol, Protocol> protocols = new EnumMap<>(ListenerConfig.Protocol.class);
        collect(Protocol.class, Protocol::kind, protocols);
        return new Extensions(
                protocols, probes, io.clb.Extensions.rateLimiters(), io.clb.Extensions.quotaCoordinators());
    }

    private static <K, T> void collect(Class<T> type, Function<T, K> key, Map<K, T> found) {
        for (T extension : ServiceLoader.load(type, Extensions.class.getClassLoader())) {
            T other = found.putIfAbsent(key.apply(extension), extension);
            if (other != null) {
                throw new IllegalStateException("two providers of " + key.apply(extension) + ": "
                        + other.getClass().getName() + " and "
                        + extension.getClass().getName() + "; remove one");
            }
        }
    }
}
