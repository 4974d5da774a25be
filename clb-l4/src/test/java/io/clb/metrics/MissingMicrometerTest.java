package io.clb.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.l4.ChildJvm;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Applications with and without Micrometer on their class path. */
final class MissingMicrometerTest {

    private static LoadBalancer start() {
        return LoadBalancer.builder()
                .serverGroup("g", g -> g.server("127.0.0.1:9").healthCheck(HealthCheck.none()))
                .listener("front", l -> l.tcp(0).bind("127.0.0.1").forwardTo("g"))
                .start();
    }

    /** An application that wants no meters. */
    static final class Without {

        private Without() {}

        public static void main(String[] arguments) {
            try (LoadBalancer lb = start()) {
                lb.update(c -> c.removeListener("front"));
                System.out.println(
                        "ran, listeners: " + lb.snapshot().listeners().size());
            }
        }
    }

    /** An application that does. */
    static final class With {

        private With() {}

        public static void main(String[] arguments) {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            try (LoadBalancer lb = start();
                    ClbMetrics metrics = new ClbMetrics(lb)) {
                metrics.bindTo(registry);
                System.out.println(
                        "up: " + registry.get("clb.server.up").gauge().value());
            }
        }
    }

    private static List<Path> withoutMicrometer() {
        return ChildJvm.classPath().stream()
                .filter(entry -> !entry.toString().contains("micrometer"))
                .toList();
    }

    @Test
    void nothingIsMissedByWhoeverDoesNotAskForIt() throws Exception {
        List<Path> rest = withoutMicrometer();
        assertThat(rest).hasSizeLessThan(ChildJvm.classPath().size());
        assertThat(ChildJvm.java("-cp", ChildJvm.joined(rest), Without.class.getName()))
                .contains("ran, listeners: 0");
    }

    @Test
    void itIsAllThatMetersNeed() throws Exception {
        assertThat(ChildJvm.java("-cp", ChildJvm.joined(ChildJvm.classPath()), With.class.getName()))
                .contains("up: 1.0");
    }
}
