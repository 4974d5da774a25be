package io.clb.bench.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The demo from outside: its exit code and what it prints. */
final class DemoTest {

    private static final int COLUMNS = 120;
    private static final int PIPE_CHARS = 64 * 1024;

    private final StringWriter output = new StringWriter();

    private int run(String... args) {
        PrintWriter writer = new PrintWriter(output);
        return new CommandLine(new Demo()).setOut(writer).setErr(writer).execute(args);
    }

    @Test
    void theVerdictIsGood() {
        assertThat(run("--seconds", "6")).as("%s", output).isZero();
        assertThat(output.toString())
                .contains("killed machine b")
                .contains("b is down")
                .contains("revived machine b")
                .contains("b is up")
                .contains("changed the weight of the echo server on c")
                .contains("0 others")
                .contains(" clients moved, once each")
                .contains("0 other answers came from another server")
                .contains("this node's share is 350/(8-1) = 50.0/s: at most")
                .endsWith("  Good." + System.lineSeparator());
        assertThat(output.toString().lines()).allMatch(line -> line.length() <= COLUMNS);
    }

    @Test
    void aSchedulerThatPromisesOtherThanSharesIsJudgedByThat() {
        assertThat(run("--seconds", "5", "--scheduler", "sch", "--clients", "40"))
                .as("%s", output)
                .isZero();
        assertThat(output.toString())
                .contains("Those on TCP come from ")
                .contains("told but not judged for this scheduler")
                .contains("spread   ")
                .contains("0.1 is asked for")
                .containsPattern(
                        "homes    [\\d,]+ client addresses; while the servers stayed, 0 answers came from another")
                .contains("the death of b moved its ")
                .containsPattern("after its return ([\\d,]+) of \\1 were where they had been before")
                .contains("the weight of c moved ")
                .endsWith("  Good." + System.lineSeparator());
        assertThat(output.toString().lines()).allMatch(line -> line.length() <= COLUMNS);
    }

    @Test
    void itServesUntilInterrupted() throws Exception {
        try (PipedReader reader = new PipedReader(PIPE_CHARS);
                BufferedReader printed = new BufferedReader(reader)) {
            PrintWriter writer = new PrintWriter(new PipedWriter(reader), true);
            CompletableFuture<Integer> exit = new CompletableFuture<>();
            Thread demo = new Thread(() ->
                    exit.complete(new CommandLine(new Demo()).setOut(writer).execute("--serve", "--seconds", "0")));
            demo.start();
            assertThat(ask(port("nc 127\\.0\\.0\\.1 (\\d+)", printed), "hello")).isEqualTo("a: hello\n");
            HttpConnection web = connect(port("curl -i 127\\.0\\.0\\.1:(\\d+)", printed));
            HttpConnection.Response first = web.get("/hello", "");
            String cookie = String.valueOf(first.cookie());
            for (int i = 0; i < 5; i++) {
                assertThat(web.get("/hello", cookie).serverOf("/hello")).isEqualTo(first.serverOf("/hello"));
            }
            web.close();
            HttpConnection api = connect(port("curl .*'127\\.0\\.0\\.1:(\\d+)/\\[1-500]'", printed));
            assertThat(statuses(api)).containsOnlyKeys(200, 503);
            api.close();
            demo.interrupt();
            assertThat(exit.get(10, TimeUnit.SECONDS)).isZero();
        }
    }

    private static HttpConnection connect(int port) {
        return new HttpConnection(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** What the curl line counts. */
    private static Map<Integer, Integer> statuses(HttpConnection api) throws Exception {
        Map<Integer, Integer> statuses = new HashMap<>();
        for (int i = 0; i < 500; i++) {
            statuses.merge(api.get("/", "").status(), 1, Integer::sum);
        }
        return statuses;
    }

    /** The port in the next line that has one at this place. */
    private static int port(String place, BufferedReader printed) throws Exception {
        Pattern pattern = Pattern.compile(place);
        for (String line = printed.readLine(); line != null; line = printed.readLine()) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.find()) {
                return Integer.parseInt(matcher.group(1));
            }
        }
        throw new AssertionError("no address was printed");
    }

    private static String ask(int port, String line) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write((line + "\n").getBytes(US_ASCII));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }

    @Test
    void helpListsTheOptions() {
        assertThat(run("--help")).isZero();
        assertThat(output.toString()).contains("--seconds", "--clients", "--scheduler", "--serve");
        assertThat(output.toString().replaceAll("\\s+", " "))
                .contains("the scheduler of the TCP connections: wrr, rr, wlc, sch, tch, p2c, ewma, or one of another");
    }

    @Test
    void wrongOptionsAreRefusedWithWhatIsExpected() {
        assertThat(run("--scheduler", "best")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("--scheduler", "requests-only")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("--seconds", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("--clients", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(output.toString())
                .contains(
                        "--scheduler: best (expected: one of [wrr, rr, wlc, sch, tch, uch, qch, p2c, ewma, requests-only])")
                .contains("--scheduler: requests-only (expected: one that can be used for TCP)")
                .contains("--seconds: 0 (expected: 5 to 3600, or 0 with --serve)")
                .contains("--clients: 0 (expected: 1 to 256)");
    }
}
