package io.clb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.clb.schedule.Schedulers;
import io.clb.spi.DiscoveredServer;
import io.clb.spi.DiscoveryRun;
import io.clb.spi.ServerDiscovery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Groups whose servers are found: what a configuration says of them, and what it takes of what is found. */
class DiscoveryConfigTest {

    private static final HostPort FOUND = new HostPort("10.0.0.2", 80);

    /** Finds nobody. */
    private record Nobody(String name) implements ServerDiscovery {

        @Override
        public AutoCloseable start(DiscoveryRun run) {
            return () -> {};
        }
    }

    private static Config.Builder config(Consumer<ServerGroupConfig.Builder> group) {
        return LoadBalancer.builder()
                .serverGroup("web", g -> g.discovery(new Nobody("phone book")))
                .serverGroup("web", group)
                .listener("front", l -> l.tcp(8080).forwardTo("web"));
    }

    private static ServerGroupConfig group(Config config) {
        return config.serverGroups().values().iterator().next();
    }

    private static List<String> mistakes(Config.Builder builder) {
        List<String> found = new ArrayList<>();
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(builder::build)
                .satisfies(e -> e.mistakes().forEach(mistake -> found.add(mistake.toString())));
        return found;
    }

    @Test
    void aGroupNeedsNoServersOfItsOwn() {
        Config config = config(g -> {}).build();
        assertThat(group(config).servers()).isEmpty();
        assertThat(group(config).discovery()).isEqualTo(new Nobody("phone book"));
        assertThat(group(config.toBuilder().build())).isEqualTo(group(config));
        assertThat(group(config.toBuilder()
                        .serverGroup("web", g -> g.discovery(new Nobody("other")))
                        .build()))
                .isNotEqualTo(group(config));
        assertThat(group(config.toBuilder()
                                .serverGroup("web", ServerGroupConfig.Builder::removeDiscovery)
                                .build())
                        .discovery())
                .isNull();
    }

    @Test
    void theOperatorsWordOnAServerThatMayBeFoundIsKept() {
        Config config = config(g -> g.drain("10.0.0.2:80").maintenance("10.0.0.3:080", true))
                .build();
        assertThat(group(config).discoveredAdmin())
                .containsExactly(
                        Map.entry(FOUND, ServerConfig.Admin.DRAINING),
                        Map.entry(new HostPort("10.0.0.3", 80), ServerConfig.Admin.MAINTENANCE));
    }

    @Test
    void theOperatorsWordCanBeTakenBack() {
        Config config = config(g -> g.drain("10.0.0.2:80").maintenance("10.0.0.3:80", true)).build().toBuilder()
                .serverGroup("web", g -> g.undrain("10.0.0.2:80").maintenance("10.0.0.3:80", false))
                .build();
        assertThat(group(config).discoveredAdmin()).isEmpty();
    }

    @Test
    void aServerThatTheGroupNamesAfterwardsKeepsTheWordOnIt() {
        Config config = config(g -> g.drain("10.0.0.2:80")).build().toBuilder()
                .serverGroup("web", g -> g.server("10.0.0.2:80", s -> s.weight(5)))
                .build();
        assertThat(group(config).discoveredAdmin()).isEmpty();
        assertThat(group(config).servers())
                .singleElement()
                .returns(ServerConfig.Admin.DRAINING, ServerConfig::admin)
                .returns(5, ServerConfig::weight);
    }

    @Test
    void refusesWhatCannotBeSaidOfServersThatAreFound() {
        assertThat(mistakes(config(g -> g.removeServer("10.0.0.2:80"))))
                .containsExactly("serverGroup web: server: 10.0.0.2:80 (expected: one of []; what discovery phone book"
                        + " finds cannot be removed: drain(...) or maintenance(...) keeps new flows from it)");
        assertThat(mistakes(config(g -> g.drain("10.0.0.2:0"))))
                .containsExactly("serverGroup web: server: 10.0.0.2:0 (expected: " + HostPort.EXPECTATION + ")");
        assertThat(mistakes(config(g -> g.removeDiscovery().drain("10.0.0.2:80"))))
                .containsExactly("serverGroup web: server: 10.0.0.2:80 (expected: one of [])");
    }

    @Test
    void refusesADiscoveryWhereServersMustBeKnownBeforehand() {
        assertThat(mistakes(config(g -> g.primary("10.0.0.1:80").secondary("10.0.0.2:80"))))
                .containsExactly("serverGroup web: discovery: phone book"
                        + " (expected: not set: a group of a primary and a secondary has no other servers)");
        String numbers =
                " (expected: not set: with serverNumberAt the number of every server must be known beforehand)";
        assertThat(mistakes(
                        config(g -> g.scheduler(Schedulers.quicConnectionId().serverNumberAt(1, 2)))
                                .listener("front", l -> l.udp(8080))))
                .containsExactly("serverGroup web: discovery: phone book" + numbers);
        assertThat(mistakes(config(g -> {})
                        .listener(
                                "front",
                                l -> l.udp(8080)
                                        .scheduler(Schedulers.quicConnectionId().serverNumberAt(1, 2)))))
                .containsExactly("listener front: serverGroup web: discovery: phone book" + numbers);
    }

    /** What is added to the group, and what is said of the rest. */
    private static List<ServerConfig> merged(Config config, List<String> refused, @Nullable DiscoveredServer... found) {
        ServerGroupConfig whole = config.serverGroups(
                        Map.of("web", Arrays.asList(found)),
                        (group, mistake) -> refused.add(group + " | " + mistake.field() + " | " + mistake.expected()))
                .get("web");
        assertThat(whole).isNotNull();
        return whole.servers();
    }

    @Test
    void whatIsFoundIsAddedWithItsWeightTagsAndTheOperatorsWord() {
        Config config = config(g -> g.server("10.0.0.1:80", s -> s.weight(1)).drain("10.0.0.2:80"))
                .build();
        List<String> refused = new ArrayList<>();
        List<ServerConfig> servers = merged(
                config,
                refused,
                DiscoveredServer.of("10.0.0.1", 80),
                new DiscoveredServer("10.0.0.2", 80, 7, Map.of("zone", "a")),
                DiscoveredServer.of("2001:DB8::1", 80));
        assertThat(refused).isEmpty();
        assertThat(servers)
                .extracting(ServerConfig::toString)
                .containsExactly(
                        "10.0.0.1:80 weight 1", "10.0.0.2:80 weight 7 DRAINING", "[2001:db8::1]:80 weight 100");
        assertThat(servers.get(1).tags()).containsEntry("zone", "a");
        assertThat(group(config).servers()).hasSize(1);
    }

    @Test
    void whatIsNotSoundIsLeftOutEntryByEntry() {
        List<String> refused = new ArrayList<>();
        List<ServerConfig> servers = merged(
                config(g -> {}).build(),
                refused,
                null,
                DiscoveredServer.of("no host", 80),
                DiscoveredServer.of("10.0.0.1:80", 80),
                DiscoveredServer.of("10.0.0.1", 65_536),
                DiscoveredServer.of("10.0.0.1", -1),
                DiscoveredServer.of("10.0.0.1", 0),
                DiscoveredServer.of("10.0.0.2", 80).withWeight(101),
                DiscoveredServer.of("Host", 80),
                DiscoveredServer.of("host", 80));
        assertThat(servers).extracting(ServerConfig::toString).containsExactly("host:80 weight 100");
        String address = "web | server | " + HostPort.EXPECTATION;
        assertThat(refused)
                .containsExactly(
                        "web | server | a server",
                        address,
                        address,
                        address,
                        address,
                        "web | server | a server with a port: the health check of its group has none",
                        "web | weight | 0 to 100",
                        "web | server | each server once");
    }

    @Test
    void aServerNeedsNoPortWhereTheGroupsOwnDoNot() {
        Config.Builder unchecked = config(g -> g.healthCheck(HealthCheck.none()));
        List<String> refused = new ArrayList<>();
        assertThat(merged(unchecked.build(), refused, DiscoveredServer.of("10.0.0.1", 0)))
                .hasSize(1);
        assertThat(refused).isEmpty();
        Config onHttp = unchecked
                .listener("http", l -> l.http(81).rule("r", r -> r.path("/").forwardTo("web")))
                .build();
        assertThat(merged(onHttp, refused, DiscoveredServer.of("10.0.0.1", 0))).isEmpty();
        assertThat(refused)
                .containsExactly(
                        "web | server | a server with a port: only TCP and UDP listeners go to the port that the client reached");
    }

    @Test
    void thereIsRoomForSoManyServersOverAllGroups() {
        Config config = config(g -> {})
                .serverGroup("own", g -> g.server("10.0.0.1:80").server("10.0.0.2:80"))
                .build();
        DiscoveredServer[] many = IntStream.rangeClosed(1, 65_535)
                .mapToObj(port -> DiscoveredServer.of("10.0.0.1", port))
                .toArray(DiscoveredServer[]::new);
        List<String> refused = new ArrayList<>();
        assertThat(merged(config, refused, many)).hasSize(65_533);
        assertThat(refused).hasSize(2).containsOnly("web | server | at most 65,535 over all server groups");
    }
}
