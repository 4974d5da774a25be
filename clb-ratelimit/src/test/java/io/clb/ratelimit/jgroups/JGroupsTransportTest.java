package io.clb.ratelimit.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.contract.ClusterTransportContract;
import io.clb.spi.ClusterTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** JGroups as what carries messages, on this host. */
class JGroupsTransportTest extends ClusterTransportContract {

    private static final int NODES = 4;
    private static final String SECRET = "a secret of some length";

    private final int[] ports;

    JGroupsTransportTest() throws IOException {
        ports = Ports.free(NODES);
    }

    private JGroupsSettings settings(int number) {
        String[] members =
                IntStream.of(ports).mapToObj(port -> "127.0.0.1:" + port).toArray(String[]::new);
        return JGroupsSettings.of("test", InetAddress.getLoopbackAddress(), ports[number])
                .members(members);
    }

    @Override
    protected ClusterTransport node(int number) {
        return new JGroupsTransport(settings(number), "clb-" + number);
    }

    @Test
    void withASecretMessagesComeUnaltered() {
        JGroupsTransport first = new JGroupsTransport(settings(0).secret(SECRET), "clb-0");
        JGroupsTransport second = new JGroupsTransport(settings(1).secret(SECRET), "clb-1");
        Inbox firsts = opened(first);
        Inbox seconds = opened(second);
        carry(first, message(10), seconds);
        carry(second, message(200_000), firsts);
        assertThat(first.rejected() + second.rejected()).isZero();
    }

    @Test
    void whoHasNotTheSecretIsNotHeardAndHearsNothing() {
        JGroupsTransport first = new JGroupsTransport(settings(0).secret(SECRET), "clb-0");
        JGroupsTransport second = new JGroupsTransport(settings(1).secret(SECRET), "clb-1");
        Inbox firsts = opened(first);
        Inbox seconds = opened(second);
        JGroupsTransport wrong = new JGroupsTransport(settings(2).secret("another secret of some length"), "clb-2");
        JGroupsTransport none = new JGroupsTransport(settings(3), "clb-3");
        Inbox wrongs = opened(wrong);
        Inbox nones = opened(none);
        carry(first, message(10), seconds);
        carry(second, message(10), firsts);
        await().until(() -> first.rejected() > 0 && wrong.rejected() > 0);
        assertThat(wrongs.isConnected() || nones.isConnected()).isFalse();
        assertThat(firsts.isConnected() && seconds.isConnected()).isTrue();
    }

    @Test
    void tellsWhenTheOthersHaveGoneAndWhenTheyAreBack() {
        Inbox firsts = opened(node(0));
        ClusterTransport second = node(1);
        opened(second);
        await().until(firsts::isConnected);
        second.close();
        await().until(() -> !firsts.isConnected());
        assertThat(firsts.failures()).containsExactly("no other node of the cluster can be reached");
        opened(node(1));
        await().until(firsts::isConnected);
    }

    @Test
    void aNodeThatHangsOrIsKilledDoesNoHarm() throws IOException, InterruptedException {
        ClusterTransport first = node(0);
        Inbox firsts = opened(first);
        Inbox seconds = opened(node(1));
        await().until(() -> firsts.isConnected() && seconds.isConnected());
        Process child = ChildNode.start(ports[3], ports[0]);
        try {
            await().until(() -> firsts.has(ChildNode.word()) && seconds.has(ChildNode.word()));
            signal(child, "STOP");
            // far more than its sockets hold
            byte[] large = message(50_000);
            int before = seconds.count();
            await().pollInterval(Duration.ofMillis(1)).until(() -> {
                IntStream.range(0, 8).forEach(i -> first.send(large));
                return seconds.count() - before > 400;
            });
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void aNodeThatIsKilledIsMissed() throws IOException {
        Inbox firsts = opened(node(0));
        Process child = ChildNode.start(ports[3], ports[0]);
        try {
            await().until(firsts::isConnected);
        } finally {
            child.destroyForcibly();
        }
        await().until(() -> !firsts.isConnected());
    }

    private static void signal(Process process, String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    @Test
    void anAddressThatCannotBeBoundIsRefusedAtOnce() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            JGroupsTransport transport = new JGroupsTransport(
                    JGroupsSettings.of("test", InetAddress.getLoopbackAddress(), port)
                            .members("127.0.0.1:1"),
                    "clb");
            assertThatThrownBy(() -> opened(transport))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("port: 127.0.0.1:" + port + " cannot be bound");
        }
    }
}
