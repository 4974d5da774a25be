package io.clb.bench.demo;

import io.clb.Extensions;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.spi.SchedulerFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** README's first command: three servers, a balancer in front of them, and clients, in one process on loopback. */
@Command(
        name = "demo",
        showDefaultValues = true,
        description = {
            "Shows a balancer at work: three echo servers, clients that open short connections, a server that is killed and revived,"
                    + " and a weight that changes, all in one process on loopback.",
            "Ends with a verdict: exit code 0 if nothing was lost but what was open on the killed server, and shares were within one"
                    + " percentage point of the weights."
        })
public final class Demo implements Callable<Integer> {

    static final String GROUP = "echo";

    private static final String LISTENER = "front";

    /** What the acts take beside the four steady phases, about. */
    private static final int ACTS_SECONDS = 2;

    private static final int PHASES = 4;

    /** Schedulers that promise each server its share of the connections exactly, whatever these do. */
    private static final Set<String> EXACT = Set.of("wrr", "rr");

    private static final HealthCheck QUICK = HealthCheck.tcp()
            .interval(Duration.ofMillis(100))
            .timeout(Duration.ofSeconds(2))
            .healthyThreshold(2)
            .unhealthyThreshold(2);

    @Option(
            names = "--seconds",
            defaultValue = "20",
            description = "how long to play, 5 to 3600; 0 with --serve: not at all")
    private int seconds;

    @Option(
            names = "--clients",
            defaultValue = "16",
            description = "how many clients, each with one connection at a time, 1 to 256")
    private int clients;

    @Option(
            names = "--scheduler",
            defaultValue = "wrr",
            description = "a scheduler by name: wrr, rr, wlc, or one of another library's")
    private String scheduler = "";

    @Option(names = "--serve", description = "stay up afterwards, until interrupted, for you to try")
    private boolean serve;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this and end")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** For {@code main} and for tests. */
    Demo() {}

    /**
     * Runs the demo.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        // The demo says itself what happens; the balancer's own log would say it again.
        System.getProperties().putIfAbsent("org.slf4j.simpleLogger.defaultLogLevel", "error");
        System.exit(new CommandLine(new Demo()).execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        SchedulerFactory factory = checkOptions();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            List<EchoServer> servers = List.of(
                    new EchoServer("a", loops.next()),
                    new EchoServer("b", loops.next()),
                    new EchoServer("c", loops.next()));
            BrokenFlows flows = new BrokenFlows();
            try (LoadBalancer lb = start(servers, factory, flows)) {
                introduce(lb, servers);
                int exit = seconds == 0 ? 0 : play(lb, servers, flows);
                if (serve) {
                    serve(lb);
                }
                return exit;
            }
        } finally {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        }
    }

    private SchedulerFactory checkOptions() {
        boolean idle = serve && seconds == 0;
        if (!idle && (seconds < 5 || seconds > 3_600)) {
            throw wrong("--seconds: " + seconds + " (expected: 5 to 3600, or 0 with --serve)");
        }
        if (clients < 1 || clients > 256) {
            throw wrong("--clients: " + clients + " (expected: 1 to 256)");
        }
        try {
            return Extensions.scheduler(scheduler);
        } catch (IllegalArgumentException e) {
            throw wrong("--" + e.getMessage());
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static LoadBalancer start(List<EchoServer> servers, SchedulerFactory factory, BrokenFlows flows) {
        return LoadBalancer.builder()
                .name("demo")
                .serverGroup(
                        GROUP,
                        g -> g.server(servers.get(0).id(), s -> s.weight(100))
                                .server(servers.get(1).id(), s -> s.weight(60))
                                .server(servers.get(2).id(), s -> s.weight(40))
                                .scheduler(factory)
                                .healthCheck(QUICK))
                .listener(LISTENER, l -> l.tcp(0).bind("127.0.0.1").forwardTo(GROUP))
                .observer(flows)
                .start();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private void introduce(LoadBalancer lb, List<EchoServer> servers) {
        out().printf(
                        "A balancer on 127.0.0.1:%d (%s, %d loops, scheduler %s) in front of three echo servers: %s.%n",
                        lb.address(LISTENER).getPort(),
                        lb.snapshot().transport(),
                        lb.snapshot().loops(),
                        scheduler,
                        servers);
        out().flush();
    }

    private int play(LoadBalancer lb, List<EchoServer> servers, BrokenFlows flows) throws InterruptedException {
        out().printf("%d clients connect, send a line, read the answer, and again. In the table:%n", clients);
        out().println("  active  connections on the server now, those that are closing included");
        out().println(
                        "  share   of all connections since the phase began; due: by weight, among the servers that are up");
        out().println("  errors  connects that it refused and connections that it reset, in the last second");
        boolean byWeight = !scheduler.equals("rr");
        long phaseNanos = TimeUnit.SECONDS.toNanos(seconds - ACTS_SECONDS) / PHASES;
        Clients crowd = new Clients(lb.address(LISTENER), clients);
        StatusTable table = new StatusTable(lb, servers, crowd, byWeight, out());
        Acts acts = new Acts(lb, servers, crowd, table, phaseNanos);
        Verdict.Death death;
        try {
            death = acts.play();
        } catch (TimeoutException e) {
            out().printf("%nBad: %s.%n", e.getMessage());
            out().flush();
            return 1;
        } finally {
            crowd.stop();
        }
        Verdict verdict = Verdict.of(crowd, flows, death, acts.distances(), EXACT.contains(scheduler));
        verdict.print(out());
        return verdict.isGood() ? 0 : 1;
    }

    /** Waits for Ctrl-C, which ends the process, or for the interruption of this thread. */
    private void serve(LoadBalancer lb) {
        int port = lb.address(LISTENER).getPort();
        out().printf("%nThe balancer stays up on 127.0.0.1:%d. In another terminal try%n", port);
        out().printf("  for i in 1 2 3 4 5 6 7 8 9 10; do echo hello | nc 127.0.0.1 %d; done%n", port);
        out().printf("  nc 127.0.0.1 %d        then type a line; a server answers with its name in front%n", port);
        out().println("Ctrl-C ends it.");
        out().flush();
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            out().println("Interrupted.");
        }
    }
}
