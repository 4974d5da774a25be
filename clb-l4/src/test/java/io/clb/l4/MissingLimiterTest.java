package io.clb.l4;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Cluster;
import io.clb.ConfigException;
import io.clb.HealthCheck;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.ratelimit.GcraLimiters;
import io.clb.ratelimit.jgroups.JGroupsSettings;
import io.clb.ratelimit.redis.RedisSettings;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An application with a limit, and nothing on its class path that enforces one. */
final class MissingLimiterTest {

    /** The application. */
    static final class Application {

        private Application() {}

        public static void main(String[] arguments) {
            try (LoadBalancer lb = LoadBalancer.builder()
                    .serverGroup("g", g -> g.server("127.0.0.1:9").healthCheck(HealthCheck.none()))
                    .listener("front", l -> l.tcp(0).bind("127.0.0.1").forwardTo("g"))
                    .start()) {
                System.out.println("started without a limit");
                lb.update(c -> c.listener("front", l -> l.limit(Limit.cps(1_000))));
                System.out.println("limited");
            } catch (ConfigException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    /** An application that is one of several, with the transports of clb-ratelimit on its class path and nothing that these need. */
    static final class OneOfSeveral {

        private OneOfSeveral() {}

        public static void main(String[] arguments) throws Exception {
            try (LoadBalancer lb = LoadBalancer.builder()
                    .cluster(Cluster.of("node-1", new ClusterHub()).expectedNodes(2))
                    .start()) {
                System.out.println(
                        "joined " + requireNonNull(lb.snapshot().cluster()).transport());
                RedisSettings.of("edge", "redis://127.0.0.1");
            } catch (ConfigException | IllegalStateException e) {
                System.out.println(e.getMessage());
            }
            try {
                JGroupsSettings jgroups = JGroupsSettings.of("edge", InetAddress.getLoopbackAddress(), 7_800);
                LoadBalancer.builder()
                        .cluster(Cluster.of("node-1", jgroups).expectedNodes(2))
                        .start();
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            } catch (NoClassDefFoundError e) {
                System.out.println("no settings either");
            }
        }
    }

    @Test
    void namesTheArtifactsThatNodesNeedToTalk() throws Exception {
        String application = OneOfSeveral.class.getName();
        assertThat(ChildJvm.java("-cp", ChildJvm.joined(withoutLimiters()), application)
                        .lines())
                .contains("balancer: cluster: cluster of 2 nodes and more, this one node-1, over hub (expected: add"
                        + " io.clb:clb-ratelimit for it)");
        assertThat(ChildJvm.java("-cp", ChildJvm.joined(ChildJvm.classPath()), application)
                        .lines())
                .contains(
                        "joined hub",
                        "Lettuce is not on the class path: add io.lettuce:lettuce-core for it",
                        "balancer clb: cannot take part in the cluster of 2 nodes and more, this one node-1, over"
                                + " jgroups: JGroups is not on the class path: add org.jgroups:jgroups for it");
    }

    /** The class path without clb-ratelimit. */
    private static List<Path> withoutLimiters() throws Exception {
        Path missing = Path.of(GcraLimiters.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        return ChildJvm.classPath().stream()
                .filter(entry -> !entry.equals(missing))
                .toList();
    }

    private static String run(List<Path> classPath) throws Exception {
        return ChildJvm.java("-cp", ChildJvm.joined(classPath), Application.class.getName());
    }

    @Test
    void namesTheArtifactToAdd() throws Exception {
        assertThat(run(withoutLimiters()).lines())
                .contains(
                        "started without a limit",
                        "listener front: limit cps: 1000 (expected: add io.clb:clb-ratelimit for it)")
                .doesNotContain("limited");
    }

    @Test
    void needsNothingMoreThanThatArtifact() throws Exception {
        assertThat(run(ChildJvm.classPath()).lines()).contains("limited");
    }
}
