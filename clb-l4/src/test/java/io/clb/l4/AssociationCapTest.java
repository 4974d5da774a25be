package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How many associations a UDP listener has unless that is set, in processes with few file descriptors. */
final class AssociationCapTest {

    /** Says how many connections a listener may have: of UDP, of UDP where it is set, of TCP. */
    static final class Caps {

        private Caps() {}

        /** In a process of its own. */
        public static void main(String[] args) {
            System.out.println(
                    cap(l -> l.udp(0)) + " " + cap(l -> l.udp(0).maxConnections(5_000)) + " " + cap(l -> l.tcp(0)));
        }

        private static int cap(Consumer<ListenerConfig.Builder> listener) {
            return LoadBalancer.builder()
                    .serverGroup("g", g -> g.server("127.0.0.1:1"))
                    .listener("l", l -> listener.accept(l.forwardTo("g")))
                    .build()
                    .listeners()
                    .values()
                    .iterator()
                    .next()
                    .maxConnections();
        }
    }

    private static String[] caps(String... options) {
        String[] last = {"-cp", ChildJvm.joined(ChildJvm.classPath()), Caps.class.getName()};
        return Stream.of(options, last).flatMap(Stream::of).toArray(String[]::new);
    }

    @Test
    void isAQuarterOfTheDescriptors() throws Exception {
        assertThat(ChildJvm.javaWithDescriptors(400, caps())).isEqualToIgnoringNewLines("100 5000 1000000");
    }

    @Test
    void isTheWholeDefaultWhereTheLimitIsNotKnown() throws Exception {
        assertThat(ChildJvm.java(caps("--limit-modules", "java.base"))).isEqualToIgnoringNewLines("8192 5000 1000000");
    }
}
