package io.clb.ratelimit.jgroups;

import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jgroups.JChannel;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.TCP_NIO2;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.dns.DNS_PING;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;
import org.jspecify.annotations.Nullable;

/** The protocols that a node speaks, by program: JGroups' files of XML say the same, but not to the compiler. */
final class JGroupsStack {

    /** Larger messages travel in parts. */
    static final int PART_BYTES = 60_000;

    /** A part, with its headers, in a frame of several. */
    private static final int MAX_FRAME = 128 * 1024;

    /** Frames that wait for one slow node; the next ones to it are dropped. */
    private static final int FRAMES_WAITING = 128;

    /** How long to look for others before being the first. */
    private static final long JOIN_MILLIS = 1000;

    /** Nodes that start together close connections that others have just made: who asks once may wait in vain. */
    private static final int ASKED_IN_THAT_TIME = 4;

    /** Whoever gives up is alone until the next look for other parts of the cluster. */
    private static final int JOIN_TRIES = 10;

    /** How long a node that goes waits for the others to say that they know. */
    private static final long LEAVE_MILLIS = 500;

    /** Parts of a cluster that could not see each other look for each other so often: rarely enough for a hundred nodes, not measured. */
    private static final long MERGE_MIN_MILLIS = 1000;

    private static final long MERGE_MAX_MILLIS = 3000;

    /** A node that hangs has missed five of these; one that is gone closes its connection, and is missed at once. */
    private static final long HEARTBEAT_MILLIS = 2000;

    private static final long SILENCE_MILLIS = 10_000;
    private static final long VERIFY_MILLIS = 1000;

    /** Whoever sends waits no longer for a node that does not take its messages. */
    private static final long FLOW_CONTROL_MILLIS = 500;

    private JGroupsStack() {}

    /** Makes a channel that is not connected. */
    static JChannel channel(JGroupsSettings settings, String node, @Nullable SealedMessages sealed) throws Exception {
        TCP_NIO2 sockets = sockets(node);
        DetectionSockets detection = new DetectionSockets(settings.detectionOffset());
        listen(settings, sockets, detection);
        List<Protocol> protocols = new ArrayList<>();
        protocols.add(sockets);
        if (sealed != null) {
            protocols.add(sealed);
        }
        protocols.addAll(List.of(
                settings.dnsName().isEmpty() ? members(settings) : dns(settings),
                new MERGE3().setMinInterval(MERGE_MIN_MILLIS).setMaxInterval(MERGE_MAX_MILLIS),
                detection,
                new FD_ALL3().setInterval(HEARTBEAT_MILLIS).setTimeout(SILENCE_MILLIS),
                new VERIFY_SUSPECT2().setTimeout(VERIFY_MILLIS),
                new NAKACK2(),
                new UNICAST3(),
                new STABLE(),
                groups(),
                new UFC().setMaxBlockTime(FLOW_CONTROL_MILLIS),
                new MFC().setMaxBlockTime(FLOW_CONTROL_MILLIS),
                new FRAG4().setFragSize(PART_BYTES)));
        JChannel channel = new JChannel(protocols);
        // JGroups has put its system properties over what was set, which another user of JGroups in this JVM may need
        listen(settings, sockets, detection);
        return channel.setName(node + "@" + settings.address().getHostAddress() + ":" + settings.port());
    }

    /** One thread reads from all nodes, and hands what it reads to the receiver itself; whoever sends writes himself, and waits for nobody. */
    private static TCP_NIO2 sockets(String node) {
        TCP_NIO2 sockets = new TCP_NIO2().setMaxSendBuffers(FRAMES_WAITING);
        sockets.setMaxLength(MAX_FRAME)
                .tcpNodelay(true)
                .logDetails(false)
                .useVirtualThreads(false)
                .setBundlerType("no-bundler")
                .setMessageProcessingPolicy("direct");
        sockets.setThreadFactory(new ClusterThreads(node));
        return sockets;
    }

    private static void listen(JGroupsSettings settings, TCP_NIO2 sockets, DetectionSockets detection) {
        sockets.setBindAddress(settings.address()).setBindPort(settings.port()).setPortRange(0);
        detection.setBindAddress(settings.address()).setPortRange(0);
    }

    private static Protocol members(JGroupsSettings settings) {
        // a name that has no address yet is looked up again, which the setter for addresses does not allow
        String hosts = settings.members().stream().map(JGroupsStack::inBrackets).collect(Collectors.joining(","));
        return new TCPPING()
                .setPortRange(0)
                .numDiscoveryRuns(ASKED_IN_THAT_TIME)
                // of who is not in the list, too: the coordinator may not be
                .returnEntireCache(true)
                .setValue("initial_hosts_str", hosts);
    }

    /** As JGroups writes it: host[port]. */
    private static String inBrackets(String hostAndPort) {
        int colon = hostAndPort.lastIndexOf(':');
        String host = hostAndPort.substring(0, colon).replaceAll("[\\[\\]]", "");
        return host + "[" + hostAndPort.substring(colon + 1) + "]";
    }

    private static Protocol dns(JGroupsSettings settings) {
        return new DNS_PING()
                .setDNSQuery(settings.dnsName())
                .dnsRecordType(settings.address() instanceof Inet6Address ? "AAAA" : "A")
                .numDiscoveryRuns(ASKED_IN_THAT_TIME);
    }

    private static GMS groups() {
        return new GMS()
                .printLocalAddress(false)
                .setJoinTimeout(JOIN_MILLIS)
                .setMaxJoinAttempts(JOIN_TRIES)
                .setLeaveTimeout(LEAVE_MILLIS);
    }
}
