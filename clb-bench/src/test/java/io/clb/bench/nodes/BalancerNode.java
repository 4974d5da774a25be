package io.clb.bench.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clb.Cluster;
import io.clb.FixedResponse;
import io.clb.HealthCheck;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.l4.NettyEngine;
import io.clb.ratelimit.jgroups.JGroupsSettings;
import io.clb.ratelimit.redis.RedisSettings;
import io.clb.spi.ClusterTransport;
import io.clb.spi.ClusterTransportFactory;
import io.clb.spi.Division;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jgroups.Address;
import org.jgroups.JChannel;
import org.jgroups.protocols.DISCARD;
import org.jgroups.protocols.TP;
import org.jgroups.stack.Protocol;
import org.jgroups.stack.ProtocolStack;

/**
 * A balancer of a cluster in a JVM of its own, with a listener for each kind of limit and a server behind them. Says on standard output where it listens and, ten times a second, what
 * it has of each total. Ends with who started it.
 */
final class BalancerNode implements ClusterTransportFactory {

    static final long REQUESTS = 300;
    static final long CONNECTIONS = 200;
    static final long BITS = 16_000_000;

    private static final String SECRET = "what only these nodes know";
    private static final int SMALL_BUFFER = 16 * 1_024;
    private static final int STATUS_MILLIS = 100;

    private final ClusterTransportFactory engine;
    private final List<Division> divisions;
    private ClusterTransport transport;

    /** What loses messages of a network that is split; null while it is whole. */
    private DISCARD discard;

    private BalancerNode(ClusterTransportFactory engine, List<Division> divisions) {
        this.engine = engine;
        this.divisions = divisions;
    }

    /** The name of the node, how many there are, how they divide the total of each listener, the name of the engine, and what that needs. */
    public static void main(String[] arguments) throws Exception {
        BalancerNode node = new BalancerNode(
                engine(arguments),
                Stream.of(arguments[2].split(",", -1)).map(Division::valueOf).toList());
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                LoadBalancer lb = node.start(arguments[0], Integer.parseInt(arguments[1]), server)) {
            System.out.println("ports " + lb.address("web").getPort() + " "
                    + lb.address("conn").getPort() + " " + lb.address("bulk").getPort());
            var status = Executors.newSingleThreadScheduledExecutor(BalancerNode::daemon);
            status.scheduleAtFixedRate(() -> say(lb), 0, STATUS_MILLIS, TimeUnit.MILLISECONDS);
            node.takeOrders();
        }
        System.exit(0);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "node");
        thread.setDaemon(true);
        return thread;
    }

    private static ClusterTransportFactory engine(String[] arguments) {
        if (arguments[3].equals("redis")) {
            return RedisSettings.of("test", arguments[4]);
        }
        return JGroupsSettings.of("test", InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[4]))
                .members(arguments[5].split(",", -1))
                .secret(SECRET);
    }

    private LoadBalancer start(String name, int nodes, ServerSocket server) {
        daemon(() -> serve(server)).start();
        return LoadBalancer.builder()
                .engine(NettyEngine.nio().threads(1))
                .cluster(Cluster.of(name, this).expectedNodes(nodes))
                .serverGroup(
                        "server",
                        g -> g.server("127.0.0.1:" + server.getLocalPort()).healthCheck(HealthCheck.none()))
                .listener(
                        "web",
                        l -> l.http(0)
                                .bind("127.0.0.1")
                                .limit(divided(Limit.qps(REQUESTS), 0))
                                .rule("all", r -> r.path("/").respond(FixedResponse.of(200))))
                .listener(
                        "conn",
                        l -> l.tcp(0).bind("127.0.0.1").forwardTo("server").limit(divided(Limit.cps(CONNECTIONS), 1)))
                .listener(
                        "bulk",
                        l -> l.tcp(0)
                                .bind("127.0.0.1")
                                .forwardTo("server")
                                .sendBuffer(SMALL_BUFFER)
                                .limit(divided(Limit.bandwidth(BITS), 2)))
                .start();
    }

    private Limit divided(Limit limit, int number) {
        return divisions.get(number) == Division.LEASED ? limit.leased() : limit.adaptive();
    }

    /** Sends to each connection whatever it takes. */
    private static void serve(ServerSocket server) {
        while (true) {
            try {
                Socket socket = server.accept();
                daemon(() -> send(socket)).start();
            } catch (IOException e) {
                return; // the process ends
            }
        }
    }

    private static void send(Socket socket) {
        try (socket;
                OutputStream out = socket.getOutputStream()) {
            byte[] chunk = new byte[SMALL_BUFFER];
            while (true) {
                out.write(chunk);
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    private static void say(LoadBalancer lb) {
        Snapshot snapshot = lb.snapshot();
        Snapshot.ClusterState cluster = Objects.requireNonNull(snapshot.cluster());
        System.out.println(String.format(
                Locale.ROOT,
                "status %.4f %.4f %.4f %d %d",
                part(snapshot, "web"),
                part(snapshot, "conn"),
                part(snapshot, "bulk"),
                cluster.present(),
                cluster.nodes()));
    }

    /** What the node has of a total; of bandwidth that to clients. */
    private static double part(Snapshot snapshot, String listener) {
        List<Snapshot.EnforcedLimit> limits = snapshot.listener(listener).limits();
        Snapshot.EnforcedLimit limit = limits.get(limits.size() - 1);
        return Double.parseDouble(limit.share()) / limit.total();
    }

    /** Each line names the nodes that are not heard any more, none or some; the end of input ends the process. */
    private void takeOrders() throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            String line = in.readLine();
            while (line != null) {
                ignore(List.of(line.split(" ", -1)));
                line = in.readLine();
            }
        }
    }

    /** As a network that is split does, below all of JGroups but its sockets. */
    private void ignore(List<String> nodes) {
        JChannel channel = channel();
        if (discard == null) {
            discard = new DISCARD();
            try {
                channel.getProtocolStack().insertProtocol(discard, ProtocolStack.Position.ABOVE, TP.class);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        discard.resetIgnoredMembers();
        for (Address member : channel.getView()) {
            // Its name, and where it is.
            if (nodes.contains(member.toString().split("@", 2)[0])) {
                discard.addIgnoreMember(member);
            }
        }
    }

    /** The library shows it to nobody. */
    private JChannel channel() {
        try {
            var sealed = transport.getClass().getDeclaredField("sealed");
            sealed.setAccessible(true);
            return ((Protocol) sealed.get(transport)).getProtocolStack().getChannel();
        } catch (ReflectiveOperationException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    @Override
    public String name() {
        return engine.name();
    }

    @Override
    public boolean canLease() {
        return engine.canLease();
    }

    @Override
    public ClusterTransport create(String node) {
        transport = engine.create(node);
        return transport;
    }
}
