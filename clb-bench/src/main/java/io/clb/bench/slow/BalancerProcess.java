package io.clb.bench.slow;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The process of the {@link Balancer}, seen from here. */
final class BalancerProcess implements AutoCloseable {

    private static final double MEBIBYTE = 1 << 20;

    private final List<String> log = new ArrayList<>();
    private final Process process;
    private final BufferedReader said;
    private final int port;

    /**
     * How it does.
     *
     * @param heapBytes what lives after a collection
     * @param residentBytes what the system has given it; 0 where it does not tell
     * @param connections of clients
     * @param heldBytes what was read and is not written yet
     */
    record State(long heapBytes, long residentBytes, long connections, long heldBytes) {

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,d connections, %.1f MiB heap after a collection, %.0f MiB resident, %.1f MiB held",
                    connections,
                    heapBytes / MEBIBYTE,
                    residentBytes / MEBIBYTE,
                    heldBytes / MEBIBYTE);
        }
    }

    /**
     * Starts it.
     *
     * @param flags of its JVM, behind those of this one
     */
    BalancerProcess(List<String> flags, String transport, String server) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--"))
                .forEach(command::add);
        command.addAll(flags);
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ""));
        command.addAll(List.of("-cp", classes, Balancer.class.getName(), transport, server));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        said = process.inputReader(StandardCharsets.UTF_8);
        port = Integer.parseInt(answer());
    }

    int port() {
        return port;
    }

    State state() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        String[] numbers = answer().split(" ", -1);
        return new State(
                Long.parseLong(numbers[0]),
                Long.parseLong(numbers[1]),
                Long.parseLong(numbers[2]),
                Long.parseLong(numbers[3]));
    }

    /** The next line that is not one of the log, which is kept. */
    private String answer() throws IOException {
        while (true) {
            String line = said.readLine();
            if (line == null) {
                throw new IOException("the balancer has ended: " + log);
            }
            if (line.startsWith(Balancer.SAYS)) {
                return line.substring(Balancer.SAYS.length());
            }
            log.add(line);
        }
    }

    /** What it logged up to its last answer. */
    List<String> log() {
        return List.copyOf(log);
    }

    /** Ends it, and waits for that. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.onExit().join();
    }
}
