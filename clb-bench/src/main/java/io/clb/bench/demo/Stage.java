package io.clb.bench.demo;

import io.clb.HealthCheck;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.spi.SchedulerFactory;
import io.clb.stick.Stickiness;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * Where the demo plays: three machines, and a balancer with three listeners in front of them.
 *
 * @param machines of falling weight, as echo servers
 * @param flows what the balancer says of flows that broke
 */
record Stage(List<Machine> machines, BrokenFlows flows, LoadBalancer lb) implements AutoCloseable {

    /** The listener for TCP, and its group. */
    static final String ECHO = "echo";

    /** The HTTP listener that keeps clients on their server, and the group of both HTTP listeners. */
    static final String WEB = "web";

    /** The HTTP listener with a limit. */
    static final String API = "api";

    /** Requests a second for the whole cluster. Of 8 nodes, which is what holds unless it is said otherwise, each enforces 50. */
    private static final long LIMIT = 350;

    private static final Duration COOKIE_AGE = Duration.ofMinutes(30);

    static Stage set(EventLoopGroup loops, SchedulerFactory scheduler) {
        List<Machine> machines = List.of(
                Machine.start("a", loops.next()), Machine.start("b", loops.next()), Machine.start("c", loops.next()));
        BrokenFlows flows = new BrokenFlows();
        LoadBalancer lb = LoadBalancer.builder()
                .name("demo")
                .serverGroup(
                        ECHO,
                        g -> g.server(machines.get(0).echo().id(), s -> s.weight(100))
                                .server(machines.get(1).echo().id(), s -> s.weight(60))
                                .server(machines.get(2).echo().id(), s -> s.weight(40))
                                .scheduler(scheduler)
                                .healthCheck(quick(HealthCheck.tcp())))
                .serverGroup(WEB, g -> webServers(g, machines))
                .listener(ECHO, l -> l.tcp(0).bind("127.0.0.1").forwardTo(ECHO))
                .listener(
                        WEB,
                        l -> l.http(0)
                                .bind("127.0.0.1")
                                .sticky(Stickiness.insertCookie(COOKIE_AGE))
                                .forwardTo(WEB))
                .listener(
                        API,
                        l -> l.http(0).bind("127.0.0.1").limit(Limit.qps(LIMIT)).forwardTo(WEB))
                .observer(flows)
                .start();
        return new Stage(machines, flows, lb);
    }

    private static void webServers(ServerGroupConfig.Builder group, List<Machine> machines) {
        group.healthCheck(quick(HealthCheck.http("/healthz")));
        machines.forEach(machine -> group.server(machine.web().id()));
    }

    private static HealthCheck quick(HealthCheck check) {
        return check.interval(Duration.ofMillis(100))
                .timeout(Duration.ofSeconds(2))
                .healthyThreshold(2)
                .unhealthyThreshold(2);
    }

    InetSocketAddress address(String listener) {
        return lb.address(listener);
    }

    int port(String listener) {
        return address(listener).getPort();
    }

    @Override
    public void close() {
        lb.close();
    }
}
