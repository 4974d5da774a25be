package io.clb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.clb.schedule.Schedulers;
import io.clb.stick.Stickiness;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Groups of a primary and a secondary, as configuration. */
class PairTest {

    private static final String A = "10.0.0.1:5432";
    private static final String B = "10.0.0.2:5432";
    private static final String C = "10.0.0.3:5432";

    private static Config.Builder with(Consumer<ServerGroupConfig.Builder> group) {
        return LoadBalancer.builder()
                .serverGroup("db", group)
                .listener("db", l -> l.tcp(5432).forwardTo("db"));
    }

    private static Config.Builder pair() {
        return with(g -> g.primary(A).secondary(B));
    }

    private static ServerGroupConfig db(Config config) {
        return Objects.requireNonNull(config.serverGroups().get("db"));
    }

    private static List<ServerConfig.Role> roles(Config config) {
        return db(config).servers().stream().map(ServerConfig::role).toList();
    }

    private static void refused(Config.Builder config, String... mistakes) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(config::build)
                .satisfies(e -> assertThat(e.mistakes())
                        .extracting(ConfigException.Mistake::toString)
                        .containsExactly(mistakes));
    }

    @Test
    void hasRolesAndASchedulerOfItsOwnAlsoAfterUpdates() {
        Config config = with(g -> g.primary(A, s -> s.weight(50)).secondary(B, s -> s.tag("zone", "b")))
                .build();
        assertThat(roles(config)).containsExactly(ServerConfig.Role.PRIMARY, ServerConfig.Role.SECONDARY);
        assertThat(db(config).scheduler().name()).isEqualTo("primary");
        assertThat(db(config).servers().get(0).weight()).isEqualTo(50);
        Config updated = config.toBuilder()
                .serverGroup("db", g -> g.server(A, s -> s.weight(60)).drain(B))
                .build();
        assertThat(roles(updated)).isEqualTo(roles(config));
        assertThat(db(updated)).isNotEqualTo(db(config));
        assertThat(db(config.toBuilder().build())).isEqualTo(db(config));
    }

    @Test
    void mayBeTurnedRoundOrTurnedIntoAGroupOfEquals() {
        Config config = pair().build();
        Config round = config.toBuilder()
                .serverGroup("db", g -> g.primary(B).secondary(A))
                .build();
        assertThat(roles(round)).containsExactly(ServerConfig.Role.SECONDARY, ServerConfig.Role.PRIMARY);
        assertThat(db(round).scheduler()).isNotEqualTo(db(config).scheduler());
        Config equals = config.toBuilder()
                .serverGroup("db", g -> g.removeServer(A).removeServer(B).server(C))
                .build();
        assertThat(db(equals).scheduler()).isEqualTo(Schedulers.weightedRoundRobin());
        Config back = equals.toBuilder()
                .serverGroup("db", g -> g.removeServer(C).primary(A).secondary(B))
                .build();
        assertThat(db(back)).isEqualTo(db(config));
    }

    @Test
    void isExactlyTwoServers() {
        refused(
                with(g -> g.primary(A)),
                "serverGroup db: secondary: not set (expected: exactly one server of the group)");
        refused(
                with(g -> g.secondary(A)),
                "serverGroup db: primary: not set (expected: exactly one server of the group)");
        refused(
                with(g -> g.primary(A).primary(B).secondary(C)),
                "serverGroup db: primary: [" + A + ", " + B + "] (expected: exactly one server of the group)");
        refused(
                with(g -> g.primary(A).secondary(A)),
                "serverGroup db: primary: not set (expected: exactly one server of the group)");
    }

    @Test
    void hasNoOtherServersAndNoSchedulerOrStickinessBeside() {
        refused(
                with(g -> g.primary(A).secondary(B).server(C).scheduler(Schedulers.roundRobin()))
                        .listener(
                                "db",
                                l -> l.scheduler(Schedulers.sourceHash())
                                        .sticky(Stickiness.sourceIp(Duration.ofMinutes(1)))),
                "serverGroup db: server: " + C
                        + " (expected: primary(...) or secondary(...): a group that has them has no other servers)",
                "serverGroup db: scheduler: rr"
                        + " (expected: not set: a group of a primary and a secondary sends all flows to the one or the other)",
                "listener db: scheduler: sch (expected: not set:"
                        + " server group db has a primary, which gets all flows while it may take any)",
                "listener db: sticky: " + Stickiness.sourceIp(Duration.ofMinutes(1)) + " (expected: not set:"
                        + " server group db has a primary, which gets all flows while it may take any)");
    }

    @Test
    void isForTcpAndUdpListeners() {
        pair().listener("udp", l -> l.udp(5432).forwardTo("db")).build();
        refused(
                pair().listener(
                                "web",
                                l -> l.http(80)
                                        .forwardTo("db")
                                        .rule("r", r -> r.path("/").forwardTo("db"))),
                "listener web: forwardTo: db"
                        + " (expected: a group without primary and secondary: those are for TCP and UDP listeners)",
                "listener web: rule r: forwardTo: db"
                        + " (expected: a group without primary and secondary: those are for TCP and UDP listeners)");
    }
}
