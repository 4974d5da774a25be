package io.clb.bench.soak;

import io.clb.Config;
import io.clb.Ejection;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.UdpCheck;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import io.clb.spi.ServerState;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * TCP and UDP clients that check every byte, while servers fail and the configuration changes at random; then a while of calm, in which nothing at all may go wrong; then the
 * verdict. {@code mvn -q -Psoak [-Dsoak.args="SECONDS TRANSPORT SEED"]}, on loopback, all in one process.
 *
 * <p>What has to hold: every answer is what was sent; for every session that broke there is a reason in the snapshot; nothing fails that is nobody's fault; no buffer leaks;
 * the heap does not grow; when the clients have gone nothing is open or held, and descriptors and threads are what they were before them.
 */
public final class Soak {

    private static final String TCP = "tcp";
    private static final String UDP = "udp";
    private static final int SERVERS = 4;
    private static final int TCP_CLIENTS = 12;
    private static final int UDP_CLIENTS = 4;

    private static final int FIRST_PORT = 20_000;
    private static final int MOST_PORTS = 10_000;

    /** Into so many parts the time of trouble is cut; between two of them the process is looked at. */
    private static final int PARTS = 10;

    private static final Duration CALM = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long HEAP_SLACK = 8L << 20;

    /** For probes under way, and what the JVM opens for itself. */
    private static final int DESCRIPTOR_SLACK = 16;

    private static final int THREAD_SLACK = 8;

    /** How a client itself ends a session. */
    private static final Set<Reason> BY_CLIENTS = EnumSet.of(Reason.COMPLETED, Reason.CLIENT_RESET, Reason.CLIENT_GONE);

    /** What no fault of a server and no update explains. */
    private static final Set<Reason> NEVER = EnumSet.of(
            Reason.INTERNAL_ERROR,
            Reason.EXTENSION_FAILED,
            Reason.ACCEPT_FAILED,
            Reason.MEMORY,
            Reason.NO_LOCAL_PORT,
            Reason.CONNECT_FAILED,
            Reason.MAX_CONNECTIONS);

    private final List<String> complaints = new ArrayList<>();
    private final Duration time;
    private final long seed;
    private final NettyEngine engine;
    private final Leaks leaks;

    private Soak(Duration time, NettyEngine engine, long seed, Leaks leaks) {
        this.time = time;
        this.engine = engine;
        this.seed = seed;
        this.leaks = leaks;
    }

    /**
     * Plays.
     *
     * @param args how many seconds of trouble, 600 unless given; epoll (the default) or nio; the seed of all that is random
     */
    public static void main(String[] args) {
        Leaks leaks = Leaks.watch();
        Duration time = Duration.ofSeconds(args.length > 0 ? Long.parseLong(args[0]) : 600);
        NettyEngine engine = args.length > 1 && args[1].equals("nio") ? NettyEngine.nio() : NettyEngine.epoll();
        long seed = args.length > 2 ? Long.parseLong(args[2]) : System.nanoTime();
        System.out.println("seed " + seed);
        List<String> complaints = new Soak(time, engine.threads(2), seed, leaks).play();
        complaints.forEach(complaint -> System.out.println("FAILED: " + complaint));
        System.out.println(complaints.isEmpty() ? "PASSED" : "FAILED");
        System.exit(complaints.isEmpty() ? 0 : 1);
    }

    private List<String> play() {
        List<FaultyServer> tcpServers =
                freePorts().limit(SERVERS).mapToObj(FaultyServer::new).toList();
        List<UdpEcho> udpServers =
                freePorts().skip(SERVERS).limit(SERVERS).mapToObj(UdpEcho::new).toList();
        try (LoadBalancer lb = config(tcpServers, udpServers).start()) {
            Tally ofTcp = new Tally();
            Tally ofUdp = new Tally();
            Gauges before = Gauges.read();
            List<Client> clients = clients(lb, ofTcp, ofUdp);
            Chaos chaos = new Chaos(lb, tcpServers, udpServers, seed);
            List<Gauges> gauges = new ArrayList<>();
            for (int part = 1; part <= PARTS; part++) {
                chaos.run(time.dividedBy(PARTS));
                gauges.add(Gauges.read());
                System.out.println(part + "/" + PARTS + ": " + gauges.get(gauges.size() - 1));
            }
            System.out.println(chaos.faults() + " faults, " + chaos.updates() + " updates");
            System.out.println("TCP: " + ofTcp);
            System.out.println("UDP: " + ofUdp);
            calm(lb, ofTcp, ofUdp);
            clients.forEach(Client::stop);
            awaitStill(lb);
            judge(lb.snapshot(), ofTcp, ofUdp, gauges);
            Gauges after = Gauges.read();
            expect(
                    after.descriptors() <= before.descriptors() + DESCRIPTOR_SLACK
                            && after.threads() <= before.threads() + THREAD_SLACK,
                    "before there was " + before + ", and when all is still " + after);
        }
        tcpServers.forEach(FaultyServer::close);
        udpServers.forEach(UdpEcho::close);
        // Leaks come to light when what leaked is collected, and another buffer is made: by then all is closed.
        System.gc();
        expect(leaks.found() == 0, leaks.found() + " buffers leaked");
        return complaints;
    }

    /** Ports that the system gives to nobody who leaves the choice to it, so that a server finds its own again. */
    private static IntStream freePorts() {
        return IntStream.range(FIRST_PORT, FIRST_PORT + MOST_PORTS).filter(port -> {
            try (ServerSocket tcp = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                    DatagramSocket udp = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
                return tcp.isBound() && udp.isBound();
            } catch (IOException e) {
                return false;
            }
        });
    }

    private Config.Builder config(List<FaultyServer> tcpServers, List<UdpEcho> udpServers) {
        return LoadBalancer.builder()
                .name("soak")
                .engine(engine)
                .serverGroup(TCP, g -> {
                    tcpServers.forEach(server -> g.server(server.id()));
                    g.healthCheck(HealthCheck.tcp()
                                    .interval(Duration.ofMillis(200))
                                    .timeout(Duration.ofSeconds(1))
                                    .healthyThreshold(1)
                                    .unhealthyThreshold(2))
                            .ejection(Ejection.after(5)
                                    .time(Duration.ofSeconds(1))
                                    .maxTime(Duration.ofSeconds(5)))
                            .draining(Duration.ofSeconds(10));
                })
                .serverGroup(UDP, g -> {
                    udpServers.forEach(server -> g.server(server.id()));
                    g.healthCheck(HealthCheck.udp(UdpCheck.request("ping").expect("ping"))
                            .interval(Duration.ofMillis(200))
                            .timeout(Duration.ofSeconds(1))
                            .healthyThreshold(1)
                            .unhealthyThreshold(2));
                })
                .listener(TCP, l -> l.tcp(0).bind("127.0.0.1").forwardTo(TCP))
                .listener(
                        UDP,
                        l -> l.udp(0)
                                .bind("127.0.0.1")
                                .idleTimeout(Duration.ofSeconds(10))
                                .forwardTo(UDP));
    }

    private List<Client> clients(LoadBalancer lb, Tally ofTcp, Tally ofUdp) {
        Random seeds = new Random(seed);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < TCP_CLIENTS + UDP_CLIENTS; i++) {
            boolean udp = i >= TCP_CLIENTS;
            InetSocketAddress balancer = lb.address(udp ? UDP : TCP);
            Client client = new Client(balancer, udp, udp ? ofUdp : ofTcp, seeds.nextLong());
            clients.add(client);
            Threads.start("client", client);
        }
        return clients;
    }

    /** All servers are well and nothing changes: from when the last trouble is over, no session may fail. */
    private void calm(LoadBalancer lb, Tally ofTcp, Tally ofUdp) {
        await(
                "every server is up again",
                () -> lb.snapshot().serverGroups().stream()
                        .flatMap(group -> group.servers().stream())
                        .allMatch(server -> server.state() == ServerState.UP));
        // Sessions that met trouble end within the clients' patience.
        pause(Duration.ofSeconds(4));
        long before = failures(ofTcp) + failures(ofUdp);
        long goodBefore = ofTcp.good.sum();
        pause(CALM);
        long failed = failures(ofTcp) + failures(ofUdp) - before;
        expect(failed == 0, failed + " sessions failed while all servers were well");
        expect(ofTcp.good.sum() > goodBefore, "no session went well while all servers were well");
    }

    private static long failures(Tally tally) {
        return tally.broken.sum() + tally.silent.sum() + tally.wrong.sum();
    }

    private void awaitStill(LoadBalancer lb) {
        await("nothing is open any more", () -> {
            Snapshot now = lb.snapshot();
            return now.listeners().stream().allMatch(listener -> listener.active() == 0)
                    && now.serverGroups().stream()
                            .flatMap(group -> group.servers().stream())
                            .allMatch(server -> server.active() == 0);
        });
    }

    private void judge(Snapshot end, Tally ofTcp, Tally ofUdp, List<Gauges> gauges) {
        expect(ofTcp.wrong.sum() + ofUdp.wrong.sum() == 0, "answers were wrong");
        expect(end.bufferedBytes() == 0, end.bufferedBytes() + " bytes are still held");
        Snapshot.Listener tcp = end.listener(TCP);
        System.out.println("TCP ended: " + tcp.ended());
        System.out.println("UDP ended: " + end.listener(UDP).ended() + ", dropped "
                + end.listener(UDP).dropped());
        for (Snapshot.Listener listener : end.listeners()) {
            for (Reason reason : NEVER) {
                long count = listener.ended().getOrDefault(reason, 0L);
                expect(count == 0, count + " flows of " + listener.name() + " ended with " + reason);
            }
        }
        long explained = tcp.ended().entrySet().stream()
                .filter(entry -> !BY_CLIENTS.contains(entry.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
        expect(
                ofTcp.broken.sum() <= explained,
                ofTcp.broken + " sessions broke, of which " + explained + " have a reason");
        long completed = tcp.ended().getOrDefault(Reason.COMPLETED, 0L);
        expect(ofTcp.good.sum() <= completed, ofTcp.good + " sessions went well, and " + completed + " were counted");
        Gauges first = gauges.get(1);
        Gauges last = gauges.get(gauges.size() - 1);
        expect(last.heapBytes() <= first.heapBytes() + HEAP_SLACK, "the heap grew from " + first + " to " + last);
    }

    private void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (end - System.nanoTime() < 0) {
                complaints.add("not within " + PATIENCE.toSeconds() + " s: " + what);
                return;
            }
            pause(Duration.ofMillis(100));
        }
    }

    private void expect(boolean holds, String complaint) {
        if (!holds) {
            complaints.add(complaint);
        }
    }

    private static void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (end - System.nanoTime() > 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }
}
