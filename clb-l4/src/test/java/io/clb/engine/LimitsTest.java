package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Cluster;
import io.clb.Config;
import io.clb.ConfigException;
import io.clb.Limit;
import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.spi.KeyedRateLimiter;
import io.clb.spi.Quota;
import io.clb.spi.RateLimiter;
import io.clb.spi.RateLimiterFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What control makes of the limits of a listener. */
final class LimitsTest {

    /** Notes what it was asked to make. */
    private static final class Noting implements RateLimiterFactory {

        private final List<@Nullable RateLimiter> predecessors = new ArrayList<>();

        @Override
        public RateLimiter create(Quota quota, int loops, long nowNanos, @Nullable RateLimiter previous) {
            predecessors.add(previous);
            return new Refusing();
        }

        @Override
        public KeyedRateLimiter createKeyed(Quota quota, int keys, long nowNanos, @Nullable KeyedRateLimiter previous) {
            throw new AssertionError("no limit is per key");
        }

        @Override
        public String enforced(Quota quota) {
            return "so many";
        }
    }

    private static final class Refusing implements RateLimiter {

        @Override
        public long tryAcquire(long permits, long nowNanos) {
            return NEVER;
        }

        @Override
        public long reserve(long permits, long nowNanos) {
            return NEVER;
        }
    }

    private final Noting factory = new Noting();
    private final Limits limits = new Limits("test", Map.of("noting", factory), 2, new Observers("test"));

    private static Config config(Consumer<ListenerConfig.Builder> listener) {
        return LoadBalancer.builder()
                .serverGroup("g", g -> {})
                .listener("front", l -> listener.accept(l.tcp(0).forwardTo("g")))
                .build();
    }

    private List<RunLimit> prepare(Config config, List<RunLimit> before) {
        ListenerConfig front = config.listeners().values().iterator().next();
        return limits.prepare(
                "listener front", front.limits(), kind -> config.cluster().nodes(front.protocol()), 64, before, 0);
    }

    private static Quota quota(long total, int nodes) {
        return new Quota(total, Duration.ofSeconds(1), nodes, 1, Quota.Unit.FLOW);
    }

    @Test
    void takesTheNumberOfNodesOfTheListenersProtocol() {
        assertThat(prepare(config(l -> l.limit(Limit.cps(10))), List.of()))
                .extracting(RunLimit::quota)
                .containsExactly(quota(10, 4));
        Config http = config(l -> l.http(0).limit(Limit.cps(10)).limit(Limit.qps(20)));
        assertThat(prepare(http, List.of())).extracting(RunLimit::quota).containsExactly(quota(20, 8), quota(10, 8));
        Config single = http.toBuilder().cluster(Cluster.single()).build();
        assertThat(prepare(single, List.of())).extracting(RunLimit::quota).containsExactly(quota(20, 1), quota(10, 1));
    }

    @Test
    void keepsALimiterAsLongAsItsLimitStaysTheSame() {
        Config http = config(l -> l.http(0).limit(Limit.cps(10)).limit(Limit.qps(20)));
        List<RunLimit> first = prepare(http, List.of());
        Config changed = http.toBuilder()
                .cluster(Cluster.fixed(4, 8))
                .listener("front", l -> l.connectTries(1).limit(Limit.cps(11)))
                .build();
        List<RunLimit> second = prepare(changed, first);
        assertThat(second.get(0)).isSameAs(first.get(0));
        assertThat(second.get(1)).isNotSameAs(first.get(1));
        assertThat(factory.predecessors)
                .containsExactly(null, null, (RateLimiter) first.get(1).limiter());
    }

    @Test
    void refusesToChooseBetweenTwoProviders() {
        Map<String, RateLimiterFactory> two = new LinkedHashMap<>();
        two.put("one", factory);
        two.put("other", factory);
        List<ConfigException.Mistake> mistakes = new ArrayList<>();
        Limits undecided = new Limits("test", two, 2, new Observers("test"));
        undecided.check(config(l -> {}), mistakes);
        assertThat(mistakes).isEmpty();
        undecided.check(config(l -> l.limit(Limit.cps(10))), mistakes);
        assertThat(mistakes)
                .extracting(ConfigException.Mistake::toString)
                .containsExactly("listener front: limit cps: 10"
                        + " (expected: one provider of rate limiters on the class path, not [one, other])");
    }
}
