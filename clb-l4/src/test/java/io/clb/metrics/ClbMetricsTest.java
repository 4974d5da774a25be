package io.clb.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.clb.Cluster;
import io.clb.Config;
import io.clb.HealthCheck;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.Client;
import io.clb.l4.NettyEngine;
import io.clb.l4.TestServer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.search.Search;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A balancer's meters in a registry, read as a scrape reads them. */
final class ClbMetricsTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicLong nanos = new AtomicLong();

    private static Config.Builder config(String... servers) {
        return LoadBalancer.builder()
                .name("test")
                .engine(NettyEngine.nio().threads(2))
                .serverGroup("db", g -> {
                    g.healthCheck(HealthCheck.none());
                    for (String server : servers) {
                        g.server(server);
                    }
                })
                .listener("front", l -> l.tcp(0).bind("127.0.0.1").forwardTo("db"));
    }

    private ClbMetrics bind(LoadBalancer lb) {
        return bind(lb, ClbMetrics.MOST);
    }

    private ClbMetrics bind(LoadBalancer lb, int most) {
        ClbMetrics metrics = new ClbMetrics(lb, most, nanos::get);
        metrics.bindTo(registry);
        return metrics;
    }

    /** Lets a second pass, and reads every meter. */
    private void scrape() {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        registry.getMeters().forEach(ClbMetricsTest::value);
    }

    private static double value(Meter meter) {
        return meter.measure().iterator().next().getValue();
    }

    private Search search(String name, String... tags) {
        return registry.find(name).tags(tags);
    }

    private double read(String name, String... tags) {
        Meter meter = search(name, tags).meter();
        assertThat(meter).as("%s of %s", name, registry.getMetersAsString()).isNotNull();
        return value(meter);
    }

    private static void talk(LoadBalancer lb) throws Exception {
        try (Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("hello")).isTrue();
            client.finish();
            assertThat(client.readAll()).isEmpty();
        }
        await().until(() -> lb.snapshot().listener("front").active() == 0);
    }

    @Test
    void tellWhatTheSnapshotTells() throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = config(server.id()).start();
                ClbMetrics metrics = bind(lb)) {
            assertThat(read("clb.listener.connections", "balancer", "test", "listener", "front"))
                    .isZero();
            assertThat(read("clb.listener.latency", "listener", "front", "quantile", "0.99"))
                    .isNaN();
            assertThat(search("clb.listener.ended").meters()).isEmpty();
            talk(lb);
            scrape();
            scrape();
            assertThat(read("clb.listener.connections", "listener", "front")).isEqualTo(1);
            assertThat(read("clb.listener.bytes", "listener", "front", "direction", "from_clients"))
                    .isEqualTo(5);
            assertThat(read("clb.listener.ended", "listener", "front", "reason", "completed"))
                    .isEqualTo(1);
            assertThat(read("clb.group.active", "group", "db")).isZero();
            assertThat(read("clb.group.servers", "group", "db", "state", "up")).isEqualTo(1);
            assertThat(read("clb.server.up", "group", "db", "server", server.id()))
                    .isEqualTo(1);
            assertThat(read("clb.server.connections", "server", server.id())).isEqualTo(1);
            assertThat(read("clb.server.bytes", "server", server.id(), "direction", "to_servers"))
                    .isEqualTo(5);
            assertThat(read("clb.buffered.max", "balancer", "test"))
                    .isEqualTo((double) lb.snapshot().maxBufferedBytes());
            assertThat(read("clb.omitted", "balancer", "test")).isZero();
            assertThat(metrics).isNotNull();
        }
    }

    @Test
    void latenciesAreOfTheLastMinuteInSeconds() throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start("nio", config(server.id()).build());
                ClbMetrics metrics = bind(lb)) {
            talk(lb);
            clock.advance(Duration.ofSeconds(1));
            await().until(() ->
                    lb.snapshot().listener("front").latency().lastMinute().count() == 1);
            scrape();
            assertThat(read("clb.listener.latency", "listener", "front", "quantile", "0.5"))
                    .isCloseTo(0, within(0.001));
            assertThat(read("clb.server.latency.max", "server", server.id())).isCloseTo(0, within(0.001));
            assertThat(metrics).isNotNull();
        }
    }

    @Test
    void followUpdates() throws Exception {
        try (TestServer server = TestServer.echo();
                TestServer other = TestServer.echo();
                LoadBalancer lb = config(server.id()).start();
                ClbMetrics metrics = bind(lb)) {
            lb.update(c -> c.serverGroup("db", g -> g.server(other.id()).removeServer(server.id()))
                    .cluster(Cluster.single())
                    .listener("back", l -> l.tcp(0).bind("127.0.0.1").forwardTo("db")));
            scrape();
            assertThat(search("clb.server.up", "server", server.id()).meters()).isEmpty();
            assertThat(read("clb.server.up", "server", other.id())).isEqualTo(1);
            assertThat(read("clb.listener.active", "listener", "back")).isZero();
            lb.update(c -> c.removeListener("back"));
            scrape();
            assertThat(search("clb.listener.active").meters()).hasSize(1);
            assertThat(registry.getMeters())
                    .noneMatch(meter -> "back".equals(meter.getId().getTag("listener")));
            assertThat(metrics).isNotNull();
        }
    }

    @Test
    void takeASnapshotASecondAtMostHoweverManyMetersAreRead() {
        AtomicInteger snapshots = new AtomicInteger();
        try (LoadBalancer lb = config("127.0.0.1:1").start();
                ClbMetrics metrics = bind(counting(lb, snapshots))) {
            registry.getMeters().forEach(ClbMetricsTest::value);
            assertThat(snapshots).hasValue(1);
            scrape();
            assertThat(snapshots).hasValue(2);
            metrics.bindTo(new SimpleMeterRegistry());
            assertThat(snapshots).hasValue(2);
        }
    }

    private static LoadBalancer counting(LoadBalancer lb, AtomicInteger snapshots) {
        return (LoadBalancer) Proxy.newProxyInstance(
                LoadBalancer.class.getClassLoader(),
                new Class<?>[] {LoadBalancer.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("snapshot")) {
                        snapshots.incrementAndGet();
                    }
                    try {
                        return method.invoke(lb, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void areNoMoreThanWanted() {
        try (LoadBalancer lb =
                        config("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3").start();
                ClbMetrics metrics = bind(lb, 2)) {
            assertThat(search("clb.server.up").meters()).hasSize(2);
            assertThat(read("clb.omitted")).isEqualTo(1);
            // Those that have meters keep them; one that had none comes in when another goes.
            lb.update(c -> c.serverGroup("db", g -> g.removeServer("127.0.0.1:1")));
            scrape();
            assertThat(read("clb.server.up", "server", "127.0.0.1:3")).isEqualTo(1);
            lb.update(c -> c.serverGroup("db", g -> g.server("127.0.0.1:1")));
            scrape();
            assertThat(search("clb.server.up", "server", "127.0.0.1:1").meters())
                    .isEmpty();
            assertThat(read("clb.omitted")).isEqualTo(1);
            assertThat(metrics).isNotNull();
        }
    }

    @Test
    void goWithTheLastOfThem() throws Exception {
        MeterRegistry second = new SimpleMeterRegistry();
        try (LoadBalancer lb = config("127.0.0.1:1")
                .cluster(Cluster.single())
                .limit(Limit.cps(1_000))
                .start()) {
            ClbMetrics metrics = bind(lb);
            metrics.bindTo(second);
            assertThat(second.getMeters()).hasSameSizeAs(registry.getMeters());
            assertThat(read("clb.limit.used", "limit", "cps", "listener", "-")).isZero();
            Meter old = registry.get("clb.listener.active").meter();
            metrics.close();
            assertThat(registry.getMeters()).isEmpty();
            assertThat(second.getMeters()).isEmpty();
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
            assertThat(value(old)).isZero();
            assertThat(registry.getMeters()).isEmpty();
            assertThatIllegalStateException()
                    .isThrownBy(() -> metrics.bindTo(second))
                    .withMessage("metrics of test: closed");
        }
    }

    @Test
    void outliveTheBalancer() {
        ClbMetrics metrics;
        try (LoadBalancer lb = config("127.0.0.1:1").start()) {
            metrics = bind(lb);
        }
        scrape();
        assertThat(read("clb.listener.active")).isZero();
        metrics.close();
    }

    @Test
    void sayWhatIsOutOfRange() {
        try (LoadBalancer lb = config("127.0.0.1:1").start()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new ClbMetrics(lb, -1))
                    .withMessage("most: -1 (expected: 0 to 100,000)");
        }
    }
}
