package io.clb.bench.nodes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clb.spi.Division;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A {@link BalancerNode} from outside, and a client for each of its listeners. */
final class BalancerHandle implements AutoCloseable {

    private static final int SIGNAL_SECONDS = 5;

    private final String name;
    private final Queue<String> log = new ConcurrentLinkedQueue<>();
    private final Process process;
    private final PrintStream orders;

    private volatile List<Load> loads = List.of();
    private volatile Map<Load.Kind, Double> shares = Map.of();
    private volatile int present;
    private volatile int nodes;

    /**
     * Starts one.
     *
     * @param divisions how the totals of requests, connections and bits are divided
     * @param engine what {@link BalancerNode} is to be told of it
     */
    BalancerHandle(String name, int expected, List<Division> divisions, List<String> engine) throws IOException {
        this.name = name;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", "")),
                BalancerNode.class.getName(),
                name,
                Integer.toString(expected),
                divisions.stream().map(Enum::name).collect(Collectors.joining(","))));
        command.addAll(engine);
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
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
            log.add(e.toString());
        }
    }

    private void take(String line) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "ports" ->
                loads = List.of(
                        new Load(Load.Kind.REQUESTS, Integer.parseInt(words[1])),
                        new Load(Load.Kind.CONNECTIONS, Integer.parseInt(words[2])),
                        new Load(Load.Kind.BITS, Integer.parseInt(words[3])));
            case "status" -> {
                shares = Map.of(
                        Load.Kind.REQUESTS, Double.parseDouble(words[1]),
                        Load.Kind.CONNECTIONS, Double.parseDouble(words[2]),
                        Load.Kind.BITS, Double.parseDouble(words[3]));
                present = Integer.parseInt(words[4]);
                nodes = Integer.parseInt(words[5]);
            }
            default -> log.add(line);
        }
    }

    String name() {
        return name;
    }

    /** Has its clients ask for so many times the total of each kind. */
    void want(double totals) {
        loads.forEach(load -> load.want(totals));
    }

    List<Load> loads() {
        return loads;
    }

    /** What it has of a total. */
    double share(Load.Kind kind) {
        return shares.getOrDefault(kind, 0.0);
    }

    int present() {
        return present;
    }

    int nodes() {
        return nodes;
    }

    /** What it has said in its log. */
    List<String> log() {
        return List.copyOf(log);
    }

    /** Has it hear nothing of these nodes any more, and send them nothing. */
    void ignore(List<String> others) {
        orders.println(String.join(" ", others));
    }

    /** Has it do nothing, though its clock goes on. */
    void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                .start()
                .waitFor(SIGNAL_SECONDS, TimeUnit.SECONDS);
    }

    void kill() {
        loads.forEach(Load::end);
        process.destroyForcibly();
    }

    /** Has it leave in order. */
    void leave() {
        loads.forEach(Load::end);
        orders.close();
    }

    @Override
    public String toString() {
        return name + ": " + present + " of " + nodes + ", shares " + shares + "\n" + String.join("\n", log) + "\n";
    }

    @Override
    public void close() {
        kill();
    }
}
