package io.clb.bench.demo;

import io.clb.Extensions;
import io.clb.Snapshot;
import io.clb.schedule.Schedulers;
import io.clb.spi.FlowKind;
import io.clb.spi.SchedulerFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.PrintWriter;
import java.util.Iterator;
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

/** README's first command: three machines, a balancer in front of them, and clients, in one process on loopback. */
@Command(
        name = "demo",
        showDefaultValues = true,
        description = {
            "Shows a balancer at work, all in one process on loopback: three machines, each with an echo server and a web server, of which"
                    + " one is killed and revived; a weight that changes; clients that open short TCP connections; HTTP clients that a"
                    + " cookie keeps on their server; and HTTP clients that ask for more than a limit gives.",
            "Ends with a verdict: exit code 0 if nothing was lost but what was under way on the killed machine, TCP connections were dealt as"
                    + " their scheduler promises (wrr and rr: shares within one percentage point of what is due; sch and tch: each client to the"
                    + " same server while the servers stay; others of the catalogue: every server takes part), clients with a cookie always came"
                    + " back to their server while it lived, and the limit let through this node's share, no more and not much less."
        })
public final class Demo implements Callable<Integer> {

    /** What the acts take beside the four steady phases, about. */
    private static final int ACTS_SECONDS = 2;

    private static final int PHASES = 4;

    @Option(
            names = "--seconds",
            defaultValue = "20",
            description = "how long to play, 5 to 3600; 0 with --serve: not at all")
    private int seconds;

    @Option(
            names = "--clients",
            defaultValue = "16",
            description = "how many TCP clients, each with one connection at a time, 1 to 256")
    private int clients;

    @Option(
            names = "--scheduler",
            defaultValue = "wrr",
            completionCandidates = ForTcp.class,
            description = "the scheduler of the TCP connections: ${COMPLETION-CANDIDATES}, or one of another library's")
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

    /** The schedulers of the catalogue that can be used. */
    static final class ForTcp implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Schedulers.catalogue().stream()
                    .filter(Demo::servesTcp)
                    .map(SchedulerFactory::name)
                    .iterator();
        }
    }

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
        try (Stage stage = Stage.set(loops, factory)) {
            introduce(stage);
            int exit = seconds == 0 ? 0 : play(stage, Promise.of(factory));
            if (serve) {
                serve(stage);
            }
            return exit;
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
        SchedulerFactory factory;
        try {
            factory = Extensions.scheduler(scheduler);
        } catch (IllegalArgumentException e) {
            throw wrong("--" + e.getMessage());
        }
        if (!servesTcp(factory)) {
            throw wrong("--scheduler: " + scheduler + " (expected: one that can be used for TCP)");
        }
        return factory;
    }

    private static boolean servesTcp(SchedulerFactory factory) {
        return factory.serves(FlowKind.CONNECTION);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private void introduce(Stage stage) {
        Snapshot snapshot = stage.lb().snapshot();
        NodeShare share = NodeShare.of(snapshot.listener(Stage.API).limits().get(0));
        out().printf(
                        "A balancer (%s, %d loops) with three listeners, in front of three machines: a, b and c. All are in this process.%n",
                        snapshot.transport(), snapshot.loops());
        out().printf(
                        "  127.0.0.1:%-5d  TCP: echo servers, each with a weight, scheduler %s%n",
                        stage.port(Stage.ECHO), scheduler);
        out().printf(
                        "  127.0.0.1:%-5d  HTTP: web servers; a cookie that the balancer inserts keeps clients on theirs%n",
                        stage.port(Stage.WEB));
        out().printf(
                        "  127.0.0.1:%-5d  HTTP: the same web servers, no cookie, limited to %d requests/s for a cluster of %d nodes%n",
                        stage.port(Stage.API), share.total(), share.nodes());
        out().flush();
    }

    private void explain(Crowds crowds) {
        out().printf(
                        "%nClients: %d on TCP connect, send a line, read the answer, and again;",
                        crowds.echo().count());
        out().printf(
                        " %d on HTTP keep their connection and their cookie;%n",
                        crowds.web().count());
        out().printf(
                        "%d ask the listener with the limit for more than it gives.%n",
                        crowds.api().count());
        out().printf(
                        "Those on TCP come from %s. In the table:%n",
                        crowds.sources().describe(crowds.echo().count()));
        out().println("  active   connections on the server now, those that are closing included");
        out().println(
                        "  share    of all TCP connections since the phase began; due: by weight, among the servers that are up");
        out().println("  clients  with a cookie, whose last answer came from this machine");
        out().println("  errors   connects that it refused and connections that it reset, in the last second");
        out().flush();
    }

    private int play(Stage stage, Promise promise) throws InterruptedException {
        boolean byWeight = !scheduler.equals("rr");
        long phaseNanos = TimeUnit.SECONDS.toNanos(seconds - ACTS_SECONDS) / PHASES;
        Crowds crowds = new Crowds(stage, clients, Sources.of(clients, promise));
        explain(crowds);
        Acts acts = new Acts(stage, crowds, new StatusTable(stage, crowds, byWeight, out()), phaseNanos);
        Death death;
        try {
            death = acts.play();
        } catch (TimeoutException e) {
            out().printf("%nBad: %s.%n", e.getMessage());
            out().flush();
            return 1;
        } finally {
            crowds.stop();
        }
        Verdict verdict = Verdict.of(stage, crowds, acts, death, promise);
        verdict.print(out());
        return verdict.isGood() ? 0 : 1;
    }

    /** Waits for Ctrl-C, which ends the process, or for the interruption of this thread. */
    private void serve(Stage stage) {
        invite(stage.port(Stage.ECHO), "127.0.0.1:" + stage.port(Stage.WEB), "127.0.0.1:" + stage.port(Stage.API));
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            out().println("Interrupted.");
        }
    }

    private void invite(int echo, String web, String api) {
        out().printf("%nThe balancer stays up. In another terminal try%n%nTCP, by weight:%n");
        out().printf("  for i in 1 2 3 4 5 6 7 8 9 10; do echo hello | nc 127.0.0.1 %d; done%n", echo);
        out().printf("  nc 127.0.0.1 %d        then type a line; a server answers with its name in front%n", echo);
        out().printf("%nHTTP, each time another server; the balancer adds a cookie:%n");
        out().printf("  curl -i %s/hello%n", web);
        out().printf("%nHTTP with that cookie, each time the same server:%n");
        out().printf("  cookie=$(curl -si %s/ | grep -o 'SERVERID=[^;]*')%n", web);
        out().printf("  for i in 1 2 3 4 5 6; do curl -s -b \"$cookie\" %s/hello; done%n", web);
        out().printf("%nHTTP with a limit, 500 requests one after the other, counted by status:%n");
        out().printf("  curl -s -o /dev/null -w '%%{http_code}\\n' '%s/[1-500]' | sort | uniq -c%n", api);
        out().printf("%nCtrl-C ends it.%n");
        out().flush();
    }
}
