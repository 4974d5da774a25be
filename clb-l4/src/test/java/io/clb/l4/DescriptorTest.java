package io.clb.l4;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.spi.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A process that has used up its file descriptors. */
final class DescriptorTest {

    private static final int DESCRIPTORS = 256;
    private static final int LISTENING_SOCKETS = 2;
    private static final int RESTS = 2;
    private static final int TIMEOUT_SECONDS = 30;

    /** A balancer in such a process. */
    private static final class Child implements AutoCloseable {

        private final Process process;
        private final PrintStream commands;
        private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        private final Queue<String> log = new ConcurrentLinkedQueue<>();
        private final int port;

        Child(String transport, TestServer server) throws Exception {
            process = ChildJvm.startWithDescriptors(
                    DESCRIPTORS,
                    "-cp",
                    ChildJvm.joined(ChildJvm.classPath()),
                    FewDescriptors.class.getName(),
                    transport,
                    server.id());
            commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
            Beside.run(this::listen);
            port = Integer.parseInt(answer());
        }

        private void listen() throws IOException {
            try (BufferedReader said =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = said.readLine(); line != null; line = said.readLine()) {
                    if (line.startsWith(FewDescriptors.ANSWER)) {
                        answers.add(line.substring(FewDescriptors.ANSWER.length()));
                    } else {
                        log.add(line);
                    }
                }
            }
        }

        private String answer() throws InterruptedException {
            return requireNonNull(answers.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS), () -> "no answer: " + log);
        }

        String ask(String command) throws InterruptedException {
            commands.println(command);
            return answer();
        }

        long count(Reason reason) throws InterruptedException {
            return Long.parseLong(ask(reason.name()));
        }

        /** How often it has said that accepting rests. */
        long rests() {
            return log.stream().filter(line -> line.contains("rests for 1 s")).count();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aConnectionForWhichThereIsNoSocketToTheServerIsResetAndOthersGoOn(String transport) throws Exception {
        try (TestServer server = TestServer.echo();
                Child child = new Child(transport, server);
                Client before = Client.to(child.port)) {
            assertThat(before.echoes("hello")).isTrue();
            child.ask("leave 1");
            assertThat(Client.refused(child.port)).isEqualTo(End.RESET);
            // The client may hear of it before it is counted.
            await().until(() -> child.count(Reason.CONNECT_FAILED) == 1);
            assertThat(before.echoes("still")).isTrue();
            child.ask("leave 20");
            try (Client next = Client.to(child.port)) {
                assertThat(next.echoes("hello")).isTrue();
            }
        }
    }

    /** The client has connected by the system's word, and is served when there is a descriptor for it. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void acceptingRestsWhileThereAreNoneAndNothingSpins(String transport) throws Exception {
        try (TestServer server = TestServer.echo();
                Child child = new Child(transport, server);
                Client before = Client.to(child.port)) {
            assertThat(before.echoes("hello")).isTrue();
            child.ask("leave 0");
            long began = System.nanoTime();
            long cpu = Long.parseLong(child.ask("cpu"));
            // Eight, so that of two listening sockets each has some.
            Client[] waiting = new Client[8];
            for (int i = 0; i < waiting.length; i++) {
                waiting[i] = Client.to(child.port).send("hello");
            }
            await().atMost(TIMEOUT_SECONDS, TimeUnit.SECONDS).until(() -> child.rests() >= RESTS);
            assertThat(before.echoes("still")).isTrue();

            long cpuNanos = Long.parseLong(child.ask("cpu")) - cpu;
            long failures = child.count(Reason.ACCEPT_FAILED);
            long rests = child.rests();
            long elapsed = System.nanoTime() - began;
            long seconds = TimeUnit.NANOSECONDS.toSeconds(elapsed) + 1;
            assertThat(rests).as("lines in the log").isLessThanOrEqualTo(seconds);
            assertThat(failures).isBetween((long) RESTS, LISTENING_SOCKETS * seconds);
            assertThat(cpuNanos).as("no loop spins").isLessThan(elapsed / 2);

            child.ask("leave 40");
            long reset = 0;
            for (Client client : waiting) {
                reset += isServed(client) ? 0 : 1;
                client.close();
            }
            // They become free one by one: who is accepted for the first of them may find none to the server.
            assertThat(child.count(Reason.CONNECT_FAILED)).isEqualTo(reset);
            assertThat(reset).isLessThan(waiting.length);
            assertThat(before.echoes("and to the end")).isTrue();
        }
    }

    private static boolean isServed(Client waiting) throws IOException {
        try {
            assertThat(waiting.read("hello".length())).isEqualTo("hello");
            return true;
        } catch (SocketException reset) {
            return false;
        }
    }
}
