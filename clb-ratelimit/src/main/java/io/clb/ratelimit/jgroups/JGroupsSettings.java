package io.clb.ratelimit.jgroups;

import static java.util.Objects.requireNonNull;

import io.clb.spi.ClusterTransport;
import io.clb.spi.ClusterTransportFactory;
import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a node of a cluster listens, where it looks for the others, and what it shares with them. Immutable.
 *
 * @param cluster the cluster's name, the same on all nodes: 1 to 60 letters, digits, dots, hyphens and underscores
 * @param address the address of this host that the others reach
 * @param port the port for messages, 1 to 65535
 * @param members hosts and ports of some other nodes, better of all, as {@code host:port}, IPv6 literals in brackets; this node may be among them. Empty with a DNS name
 * @param dnsName a name whose addresses (A records, or AAAA where this node's address is IPv6) are all nodes, which all have the same port; empty with members
 * @param detectionOffset the port for telling that a node is gone is so much above the one for messages: 1 to 10,000, the same on all nodes
 * @param secret what only the nodes know, 16 characters at least: messages are encrypted by it; empty for messages that anyone can read and send
 */
public record JGroupsSettings(
        String cluster,
        InetAddress address,
        int port,
        List<String> members,
        String dnsName,
        int detectionOffset,
        String secret)
        implements ClusterTransportFactory {

    private static final int MAX_PORT = 65_535;
    private static final int MAX_OFFSET = 10_000;
    private static final int DEFAULT_OFFSET = 100;
    private static final int LEAST_SECRET = 16;

    private static final String LIBRARY = "org.jgroups.JChannel";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,60}");
    private static final Pattern DNS_NAME = Pattern.compile("[A-Za-z0-9._-]{0,253}");
    private static final Pattern HOST_AND_PORT =
            Pattern.compile("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]):([0-9]{1,5})");

    /**
     * Checks all but that there is somewhere to look for other nodes, which {@link JGroupsTransport} does.
     *
     * @param cluster the cluster's name
     * @param address the address of this host that the others reach
     * @param port the port for messages
     * @param members hosts and ports of other nodes
     * @param dnsName a name whose addresses are all nodes
     * @param detectionOffset how much the port for failure detection is above the other
     * @param secret what only the nodes know
     * @throws IllegalArgumentException if one is out of its range
     */
    public JGroupsSettings {
        check(
                "cluster",
                cluster,
                NAME.matcher(cluster).matches(),
                "1 to 60 letters, digits, dots, hyphens, underscores");
        check("address", address, !address.isAnyLocalAddress(), "an address of this host that the other nodes reach");
        check("port", port, port >= 1 && port <= MAX_PORT, "1 to 65,535");
        members = List.copyOf(members);
        for (String member : members) {
            check("members", member, isHostAndPort(member), "host:port with a port of 1 to 65,535, IPv6 in brackets");
        }
        check("dnsName", dnsName, DNS_NAME.matcher(dnsName).matches(), "a DNS name");
        boolean room = detectionOffset >= 1 && detectionOffset <= MAX_OFFSET && port + detectionOffset <= MAX_PORT;
        check("detectionOffset", detectionOffset, room, "1 to 10,000, and with the port 65,535 at most");
        // not shown: it is a secret
        int length = secret.length();
        check("secret", length + " characters", length == 0 || length >= LEAST_SECRET, "at least 16, or none");
    }

    private static void check(String field, Object value, boolean sound, String expectation) {
        if (!sound) {
            throw new IllegalArgumentException(field + ": " + value + " (expected: " + expectation + ")");
        }
    }

    private static boolean isHostAndPort(String member) {
        if (!HOST_AND_PORT.matcher(member).matches()) {
            return false;
        }
        int port = Integer.parseInt(member.substring(member.lastIndexOf(':') + 1));
        return port >= 1 && port <= MAX_PORT;
    }

    /**
     * Begins with what has no default; members or a DNS name must follow.
     *
     * @param cluster the cluster's name
     * @param address the address of this host that the others reach
     * @param port the port for messages, 1 to 65535
     * @return the settings, with the port for failure detection 100 above, without a secret
     * @throws IllegalArgumentException if one is out of its range
     */
    public static JGroupsSettings of(String cluster, InetAddress address, int port) {
        return new JGroupsSettings(
                requireNonNull(cluster, "cluster"),
                requireNonNull(address, "address"),
                port,
                List.of(),
                "",
                DEFAULT_OFFSET,
                "");
    }

    /**
     * Says where to look for other nodes.
     *
     * @param members some of them, as {@code host:port}; a host is looked up again until it has an address
     * @return a changed copy
     * @throws IllegalArgumentException if one is no host with a port
     */
    public JGroupsSettings members(String... members) {
        List<String> all = List.of(requireNonNull(members, "members"));
        return new JGroupsSettings(cluster, address, port, all, dnsName, detectionOffset, secret);
    }

    /**
     * Says where to look for other nodes: at the addresses that a name has in DNS, such as that of a headless service, at this node's port.
     *
     * @param name the name
     * @return a changed copy
     * @throws IllegalArgumentException if it is none
     */
    public JGroupsSettings dnsName(String name) {
        requireNonNull(name, "name");
        return new JGroupsSettings(cluster, address, port, members, name, detectionOffset, secret);
    }

    /**
     * Sets the port for failure detection.
     *
     * @param offset how much it is above the one for messages
     * @return a changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public JGroupsSettings detectionOffset(int offset) {
        return new JGroupsSettings(cluster, address, port, members, dnsName, offset, secret);
    }

    /**
     * Has messages encrypted. Who does not know the secret can neither read nor join nor be heard.
     *
     * @param secret the same on all nodes, better random than a word
     * @return a changed copy
     * @throws IllegalArgumentException if it is too short
     */
    public JGroupsSettings secret(String secret) {
        requireNonNull(secret, "secret");
        return new JGroupsSettings(cluster, address, port, members, dnsName, detectionOffset, secret);
    }

    @Override
    public String name() {
        return "jgroups";
    }

    @Override
    public ClusterTransport create(String node) {
        try {
            Class.forName(LIBRARY, false, JGroupsSettings.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("JGroups is not on the class path: add org.jgroups:jgroups for it", e);
        }
        return new JGroupsTransport(this, node);
    }

    /** Shows all but the secret. */
    @Override
    public String toString() {
        return "JGroupsSettings[cluster=" + cluster + ", address=" + address.getHostAddress()
                + ", port=" + port + ", members=" + members + ", dnsName=" + dnsName + ", detectionOffset="
                + detectionOffset + ", secret=" + (secret.isEmpty() ? "none" : "set") + "]";
    }
}
