package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A balancer in an application that is undeployed: neither a thread nor a class of it stays in the server. */
final class ClassLoaderTest {

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void nothingHoldsTheClassLoaderOfAnUndeployedApplication(String transport) throws Exception {
        // The JDK's own caches hold classes softly: without patience for them, a few collections show what else does.
        String said = ChildJvm.java(
                "-XX:SoftRefLRUPolicyMSPerMB=0",
                "-cp",
                ChildJvm.joined(ChildJvm.classPath()),
                AppServer.class.getName(),
                transport);
        assertThat(said.lines())
                .contains("heard: hellohellohellohellohello", "its own: true", "no thread left", "collected");
    }
}
