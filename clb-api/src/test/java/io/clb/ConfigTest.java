package io.clb;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.schedule.Schedulers;
import io.clb.spi.RequestFilter;
import io.clb.spi.TrafficObserver;
import io.clb.stick.Stickiness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a configuration takes, keeps and hands on. */
class ConfigTest {

    private static Config.Builder sound() {
        return LoadBalancer.builder()
                .serverGroup("web", g -> g.server("10.0.0.1:80"))
                .listener("front", l -> l.tcp(8080).forwardTo("web"));
    }

    @Test
    void changesAPartThatIsThereAndKeepsTheRestOfIt() {
        Config config = sound().serverGroup(
                        "web",
                        g -> g.server("10.0.0.1:80", s -> s.weight(7).tag("zone", "a"))
                                .scheduler(Schedulers.roundRobin())
                                .slowStart(Duration.ofSeconds(30)))
                .serverGroup("web", g -> g.server("10.0.0.1:80").server("10.0.0.2:80"))
                .serverGroup("web", g -> g.server("10.0.0.1:80", s -> s.tag("rack", "4")))
                .listener("front", l -> l.connectTries(2))
                .build();

        ServerGroupConfig web = config.serverGroups().get("web");
        assertThat(web).isNotNull();
        assertThat(web.scheduler()).isSameAs(Schedulers.roundRobin());
        assertThat(web.slowStart()).isEqualTo(Duration.ofSeconds(30));
        assertThat(web.servers()).extracting(s -> s.address().toString()).containsExactly("10.0.0.1:80", "10.0.0.2:80");
        assertThat(web.servers().get(0).weight()).isEqualTo(7);
        assertThat(web.servers().get(0).tags()).containsEntry("zone", "a").containsEntry("rack", "4");
        assertThat(config.listeners().get("front"))
                .returns(8080, ListenerConfig::port)
                .returns(2, l -> l.get(Options.CONNECT_TRIES))
                .returns("web", ListenerConfig::serverGroup);
    }

    @Test
    void knowsAServerByItsAddressHoweverItIsSpelt() {
        Config config = sound().serverGroup(
                        "web", g -> g.server("DB.Internal:080").server("db.internal:80", s -> s.weight(1)))
                .build();
        assertThat(onlyGroup(config).servers()).hasSize(2);
        assertThat(onlyGroup(config).servers().get(1)).returns(1, ServerConfig::weight);
    }

    @Test
    void removesPartsByName() {
        TrafficObserver observer = new TrafficObserver() {};
        Config config = sound()
                .serverGroup("old", g -> g.server("10.0.0.9:80"))
                .listener("old", l -> l.tcp(9).forwardTo("old"))
                .observer(observer)
                .build()
                .toBuilder()
                .removeListener("old")
                .removeServerGroup("old")
                .removeObserver(observer)
                .serverGroup("web", g -> g.server("10.0.0.2:80").removeServer("10.0.0.1:80"))
                .build();
        assertThat(config.listeners()).containsOnlyKeys("front");
        assertThat(config.serverGroups()).containsOnlyKeys("web");
        assertThat(config.observers()).isEmpty();
        assertThat(onlyGroup(config).servers())
                .extracting(s -> s.address().port())
                .containsExactly(80);
        assertThat(onlyGroup(config).servers())
                .extracting(s -> s.address().host())
                .containsExactly("10.0.0.2");
    }

    @Test
    void takesTheOperatorsWordOnServers() {
        assertThat(admin(g -> {})).isEqualTo(ServerConfig.Admin.IN_SERVICE);
        assertThat(admin(g -> g.drain("10.0.0.1:80"))).isEqualTo(ServerConfig.Admin.DRAINING);
        assertThat(admin(g -> g.drain("10.0.0.1:80").undrain("10.0.0.1:80"))).isEqualTo(ServerConfig.Admin.IN_SERVICE);
        assertThat(admin(g -> g.maintenance("10.0.0.1:80", true))).isEqualTo(ServerConfig.Admin.MAINTENANCE);
        assertThat(admin(g -> g.maintenance("10.0.0.1:80", true).maintenance("10.0.0.1:80", false)))
                .isEqualTo(ServerConfig.Admin.IN_SERVICE);
    }

    private static ServerConfig.Admin admin(Consumer<ServerGroupConfig.Builder> word) {
        Config config = sound().serverGroup("web", word).build();
        return onlyGroup(config).servers().get(0).admin();
    }

    @Test
    void makesEqualPartsFromItsOwnBuilder() {
        TrafficObserver observer = new TrafficObserver() {};
        EngineProvider engine = new NoEngine();
        RequestFilter filter = (request, ruling) -> ruling.pass();
        Config config = sound().name("edge")
                .requestFilters(RequestFilters.of(filter))
                .daemonThreads(true)
                .engine(engine)
                .observer(observer)
                .cluster(Cluster.fixed(2, 3))
                .serverGroup(
                        "web",
                        g -> g.server("[2001:DB8::1]:80", s -> s.weight(3).tag("zone", "a"))
                                .drain("10.0.0.1:80")
                                .scheduler(Schedulers.weightedLeastConnections())
                                .slowStart(Duration.ofMinutes(1))
                                .healthCheck(HealthCheck.http("/").timeout(Duration.ofSeconds(1))))
                .listener(
                        "front",
                        l -> l.bind("127.0.0.1", "::1")
                                .noDelay(false)
                                .access(flow -> true)
                                .requestFilters(RequestFilters.of(filter).failOpen(true))
                                .proxyProtocolIn(ProxyProtocol.optional("10.0.0.0/8"))
                                .proxyProtocolOut(ProxyProtocol.Version.V2)
                                .limit(Limit.cps(3_000))
                                .scheduler(Schedulers.roundRobin())
                                .sticky(Stickiness.sourceIp(Duration.ofMinutes(1))))
                .build();
        Config copy = config.toBuilder().build();
        assertThat(copy.name()).isEqualTo("edge");
        assertThat(copy.get(Options.DAEMON_THREADS)).isTrue();
        assertThat(copy.engine()).isSameAs(engine);
        assertThat(copy.observers()).containsExactly(observer);
        assertThat(copy.requestFilters())
                .isEqualTo(RequestFilters.of(filter))
                .hasSameHashCodeAs(config.requestFilters());
        assertThat(copy.cluster()).isEqualTo(config.cluster()).hasSameHashCodeAs(config.cluster());
        assertThat(copy.serverGroups()).isEqualTo(config.serverGroups()).hasSameHashCodeAs(config.serverGroups());
        assertThat(copy.listeners()).isEqualTo(config.listeners()).hasSameHashCodeAs(config.listeners());
        assertThat(copy).hasToString(config.toString());
    }

    @Test
    void gzipIsKeptUntilItIsSetToNone() {
        Gzip gzip = Gzip.on().types("text/css").level(6);
        Config config = sound().listener("front", l -> l.http(80).gzip(gzip)).build();
        Config copy = config.toBuilder().build();
        assertThat(onlyListener(copy).gzip()).isEqualTo(gzip).hasSameHashCodeAs(gzip);
        assertThat(onlyListener(copy)).isEqualTo(onlyListener(config));
        Config plain = config.toBuilder().listener("front", l -> l.gzip(null)).build();
        assertThat(onlyListener(plain).gzip()).isNull();
        assertThat(onlyListener(plain)).isNotEqualTo(onlyListener(config));
    }

    @Test
    void aListenerHasItsOwnFiltersOrThoseOfTheBalancerOrNone() {
        RequestFilters ofAll = RequestFilters.of((request, ruling) -> ruling.pass());
        RequestFilters own = RequestFilters.of((request, ruling) -> ruling.allow());
        Config config = sound().requestFilters(ofAll)
                .listener("own", l -> l.http(81).forwardTo("web").requestFilters(own))
                .listener("none", l -> l.http(82).forwardTo("web").noRequestFilters())
                .listener("udp", l -> l.udp(83).forwardTo("web"))
                .build();
        assertThat(config.listeners().values())
                .extracting(config::requestFilters)
                .containsExactly(ofAll, own, null, null);
        Config back = config.toBuilder()
                .listener("own", l -> l.requestFilters(null))
                .listener("none", l -> l.requestFilters(null))
                .build();
        assertThat(back.listeners().values())
                .extracting(back::requestFilters)
                .containsExactly(ofAll, ofAll, ofAll, null);
    }

    @Test
    void hasOneLimitOfEachKindUntilItIsRemoved() {
        Config config = sound().listener(
                        "front",
                        l -> l.http(80)
                                .limit(Limit.cps(1))
                                .limit(Limit.qps(1_000_000_000))
                                .limit(Limit.cps(3_000)))
                .build();
        assertThat(onlyListener(config).limits())
                .containsExactly(
                        Map.entry(Limit.Kind.QPS, Limit.qps(1_000_000_000)),
                        Map.entry(Limit.Kind.CPS, Limit.cps(3_000)));
        Config fewer = config.toBuilder()
                .listener("front", l -> l.removeLimit(Limit.Kind.CPS))
                .build();
        assertThat(onlyListener(fewer).limits()).containsOnlyKeys(Limit.Kind.QPS);
        assertThat(onlyListener(fewer)).isNotEqualTo(onlyListener(config));
        assertThat(onlyListener(config).limits()).hasSize(2);
    }

    @Test
    void knowsLimitsByKindAndTotal() {
        assertThat(Limit.qps(7))
                .isEqualTo(Limit.qps(7))
                .hasSameHashCodeAs(Limit.qps(7))
                .isNotEqualTo(Limit.cps(7))
                .isNotEqualTo(Limit.qps(8))
                .hasToString("qps 7")
                .returns(Limit.Kind.QPS, Limit::kind)
                .returns(7L, Limit::total);
    }

    @Test
    void sharesLimitsAsTheProductDoesUntilAClusterIsSet() {
        Cluster standard = sound().build().cluster();
        assertThat(standard)
                .returns(true, Cluster::isDefault)
                .returns(4, c -> c.nodes(ListenerConfig.Protocol.TCP))
                .returns(4, c -> c.nodes(ListenerConfig.Protocol.UDP))
                .returns(8, c -> c.nodes(ListenerConfig.Protocol.HTTP))
                .hasToString("cluster of 4 nodes on L4 and 8 on L7, by default")
                .isNotEqualTo(Cluster.fixed(4, 8));
        assertThat(sound().cluster(Cluster.fixed(4, 8)).build().cluster())
                .returns(false, Cluster::isDefault)
                .hasToString("cluster of 4 nodes on L4 and 8 on L7");
        assertThat(Cluster.single())
                .isEqualTo(Cluster.fixed(1))
                .isNotEqualTo(Cluster.fixed(1, 2))
                .isNotEqualTo(Cluster.fixed(2, 1));
    }

    @Test
    void staysAsItIsWhateverItsBuildersDoLater() {
        Config.Builder builder = sound();
        Config config = builder.build();
        builder.removeListener("front").serverGroup("web", g -> g.server("10.0.0.2:80", s -> s.tag("a", "b")));
        config.toBuilder()
                .serverGroup("web", g -> g.server("10.0.0.1:80", s -> s.weight(1)))
                .build();
        assertThat(config.listeners()).containsOnlyKeys("front");
        assertThat(onlyGroup(config).servers()).hasSize(1).first().returns(100, ServerConfig::weight);
    }

    @Test
    void takesOnePortOnDifferentAddressesAndAnyNumberOfPortsThatTheSystemChooses() {
        Config config = sound().listener("front", l -> l.bind("10.0.0.1"))
                .listener("other", l -> l.tcp(8080).bind("10.0.0.2").forwardTo("web"))
                .listener("any", l -> l.tcp(0).forwardTo("web"))
                .listener("one", l -> l.tcp(0).forwardTo("web"))
                .build();
        assertThat(config.listeners()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "127.0.0.1", "::1", "2001:db8::7", "::ffff:10.0.0.1"})
    void bindsToLiterals(String literal) {
        Config config = sound().listener("front", l -> l.bind(literal)).build();
        assertThat(config.listeners().values())
                .singleElement()
                .returns(List.of(IpLiteral.canonical(literal)), ListenerConfig::bindAddresses);
    }

    @Test
    void bindsToEveryAddressAgainWhenNoneIsGiven() {
        Config config = sound().listener("front", l -> l.bind("::1").bind()).build();
        assertThat(config.listeners().values()).singleElement().returns(List.of(), ListenerConfig::bindAddresses);
    }

    private static ListenerConfig onlyListener(Config config) {
        return config.listeners().values().iterator().next();
    }

    private static ServerGroupConfig onlyGroup(Config config) {
        return config.serverGroups().values().iterator().next();
    }

    /** Never started. */
    private static final class NoEngine implements EngineProvider {

        @Override
        public String name() {
            return "none";
        }

        @Override
        public LoadBalancer start(Config config) {
            throw new UnsupportedOperationException();
        }
    }
}
