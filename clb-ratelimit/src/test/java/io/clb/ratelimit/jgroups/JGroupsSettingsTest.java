package io.clb.ratelimit.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Mistakes are told before anything is opened. */
class JGroupsSettingsTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final JGroupsSettings SOUND = JGroupsSettings.of("test", LOOPBACK, 7800);

    private static void isRefused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith(message);
    }

    @Test
    void whatIsOutOfItsRangeIsRefused() {
        isRefused(() -> JGroupsSettings.of("a b", LOOPBACK, 7800), "cluster: a b (expected: 1 to 60 letters");
        isRefused(() -> JGroupsSettings.of("a", LOOPBACK, 0), "port: 0 (expected: 1 to 65,535)");
        isRefused(() -> SOUND.members("host"), "members: host (expected: host:port");
        isRefused(() -> SOUND.members("host:70000"), "members: host:70000 (expected: host:port");
        isRefused(() -> SOUND.detectionOffset(0), "detectionOffset: 0 (expected: 1 to 10,000");
        isRefused(() -> SOUND.secret("short"), "secret: 5 characters (expected: at least 16, or none)");
        isRefused(() -> new JGroupsTransport(SOUND, "a"), "members: [], dnsName: \"\" (expected: one of them");
    }

    @Test
    void anAddressThatOthersCannotReachIsRefused() throws UnknownHostException {
        InetAddress any = InetAddress.getByName("0.0.0.0");
        isRefused(() -> JGroupsSettings.of("a", any, 7800), "address: /0.0.0.0 (expected: an address of this host");
    }

    @Test
    void theSecretIsNotShown() {
        assertThat(SOUND.secret("a secret of some length").toString())
                .contains("secret=set")
                .doesNotContain("length");
    }
}
