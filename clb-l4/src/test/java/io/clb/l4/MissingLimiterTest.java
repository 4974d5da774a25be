package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.ConfigException;
import io.clb.HealthCheck;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.ratelimit.GcraLimiters;
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

    private static String run(List<Path> classPath) throws Exception {
        return ChildJvm.java("-cp", ChildJvm.joined(classPath), Application.class.getName());
    }

    @Test
    void namesTheArtifactToAdd() throws Exception {
        Path missing = Path.of(GcraLimiters.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<Path> rest = ChildJvm.classPath().stream()
                .filter(entry -> !entry.equals(missing))
                .toList();
        assertThat(run(rest).lines())
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
