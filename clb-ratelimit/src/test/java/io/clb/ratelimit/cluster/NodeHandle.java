package io.clb.ratelimit.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A {@link NodeProcess}, from outside. */
final class NodeHandle implements AutoCloseable {

    /** By bin. */
    private final Map<Long, Long> admitted = new ConcurrentHashMap<>();

    private final Queue<String> told = new ConcurrentLinkedQueue<>();
    private final Process process;
    private final PrintStream orders;

    private volatile double share;
    private volatile int present;
    private volatile int nodes;

    /**
     * Starts one.
     *
     * @param engine what {@link NodeProcess} is to be told of it
     */
    NodeHandle(String name, int expected, List<String> engine) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", "")),
                NodeProcess.class.getName(),
                name,
                Integer.toString(expected)));
        command.addAll(engine);
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        orders = new PrintStream(process.getOutputStream(), true, UTF_8);
        Thread reader = new Thread(this::read, "reads-" + name);
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            String line = in.readLine();
            while (line != null) {
                take(line);
                line = in.readLine();
            }
        } catch (IOException e) {
            told.add(e.toString());
        }
    }

    private void take(String line) {
        String[] words = line.split(" ", -1);
        if (words[0].equals("bin")) {
            admitted.put(Long.parseLong(words[1]), Long.parseLong(words[2]));
            share = Double.parseDouble(words[3]);
            present = Integer.parseInt(words[4]);
            nodes = Integer.parseInt(words[5]);
        } else {
            told.add(line);
        }
    }

    void want(long permitsPerSecond) {
        orders.println(permitsPerSecond);
    }

    double share() {
        return share;
    }

    int present() {
        return present;
    }

    int nodes() {
        return nodes;
    }

    Queue<String> told() {
        return told;
    }

    Map<Long, Long> admitted() {
        return admitted;
    }

    /** Has it do nothing, though its clock goes on. */
    void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor(5, TimeUnit.SECONDS);
    }

    void kill() {
        process.destroyForcibly();
    }

    /** Has it leave in order. */
    void leave() throws InterruptedException {
        orders.close();
        process.waitFor(5, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
