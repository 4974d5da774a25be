package io.clb.bench.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The demo from outside: its exit code and what it prints. */
final class DemoTest {

    private static final Pattern ADDRESS = Pattern.compile("stays up on 127\\.0\\.0\\.1:(\\d+)");
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
                .contains("killed server b")
                .contains("b is down")
                .contains("revived server b")
                .contains("b is up")
                .contains("changed the weight of server c")
                .contains("0 others")
                .endsWith("  Good." + System.lineSeparator());
    }

    @Test
    void aSchedulerThatPromisesNoSharesIsNotJudgedByThem() {
        assertThat(run("--seconds", "5", "--scheduler", "wlc", "--clients", "40"))
                .as("%s", output)
                .isZero();
        assertThat(output.toString()).contains("not judged");
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
            assertThat(ask(awaitPort(printed), "hello")).isEqualTo("a: hello\n");
            demo.interrupt();
            assertThat(exit.get(10, TimeUnit.SECONDS)).isZero();
        }
    }

    private static int awaitPort(BufferedReader printed) throws Exception {
        for (String line = printed.readLine(); line != null; line = printed.readLine()) {
            Matcher matcher = ADDRESS.matcher(line);
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
    }

    @Test
    void wrongOptionsAreRefusedWithWhatIsExpected() {
        assertThat(run("--scheduler", "best")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("--seconds", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("--clients", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(output.toString())
                .contains("--scheduler: best (expected: one of [wrr, rr, wlc])")
                .contains("--seconds: 0 (expected: 5 to 3600, or 0 with --serve)")
                .contains("--clients: 0 (expected: 1 to 256)");
    }
}
