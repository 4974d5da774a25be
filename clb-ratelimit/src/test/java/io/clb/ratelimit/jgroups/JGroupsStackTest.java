package io.clb.ratelimit.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.util.List;
import org.jgroups.Address;
import org.jgroups.JChannel;
import org.jgroups.protocols.FD_SOCK2;
import org.jgroups.protocols.TCP_NIO2;
import org.jgroups.protocols.dns.DNSResolver;
import org.jgroups.protocols.dns.DNS_PING;
import org.jgroups.stack.IpAddress;
import org.junit.jupiter.api.Test;

/** What the settings become in JGroups. */
class JGroupsStackTest {

    private static final List<String> HOSTS = List.of("127.0.0.1", "127.0.0.2");

    /** Name servers that know one name, of two hosts. */
    private static final class TwoHosts implements DNSResolver {

        @Override
        public List<Address> resolveIps(String query, DNSRecordType type) {
            assertThat(query).isEqualTo("nodes.test");
            return HOSTS.stream().map(JGroupsStackTest::address).toList();
        }
    }

    private static Address address(String host) {
        try {
            return new IpAddress(host, 0);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static JChannel node(String host, int port) throws Exception {
        JGroupsSettings settings =
                JGroupsSettings.of("test", InetAddress.getByName(host), port).dnsName("nodes.test");
        JChannel channel = JGroupsStack.channel(settings, "clb", null);
        channel.getProtocolStack().<DNS_PING>findProtocol(DNS_PING.class).setDNSResolver(new TwoHosts());
        return channel;
    }

    @Test
    void nodesFindEachOtherByTheAddressesOfAName() throws Exception {
        int port = Ports.free(1)[0];
        try (JChannel first = node(HOSTS.get(0), port);
                JChannel second = node(HOSTS.get(1), port)) {
            first.connect("test");
            second.connect("test");
            await().until(() -> first.getView().size() == 2);
        }
    }

    /** They are for whatever else of the application runs on JGroups. */
    @Test
    void systemPropertiesOfJGroupsDoNotMoveIt() throws Exception {
        System.setProperty("jgroups.bind_addr", "127.0.0.3");
        System.setProperty("jgroups.bind_port", "1");
        try (JChannel channel = node(HOSTS.get(0), 7800)) {
            TCP_NIO2 sockets = channel.getProtocolStack().findProtocol(TCP_NIO2.class);
            FD_SOCK2 detection = channel.getProtocolStack().findProtocol(FD_SOCK2.class);
            assertThat(sockets.getBindAddress().getHostAddress()).isEqualTo("127.0.0.1");
            assertThat(sockets.getBindPort()).isEqualTo(7800);
            assertThat(detection.getBindAddress().getHostAddress()).isEqualTo("127.0.0.1");
        } finally {
            System.clearProperty("jgroups.bind_addr");
            System.clearProperty("jgroups.bind_port");
        }
    }

    @Test
    void strangersFindNothingToAsk() throws Exception {
        try (JChannel channel = node(HOSTS.get(0), 7800)) {
            TCP_NIO2 sockets = channel.getProtocolStack().findProtocol(TCP_NIO2.class);
            assertThat(sockets.getDiagnosticsHandler().isEnabled()).isFalse();
        }
    }
}
