package io.clb.bench.sim;

import io.clb.schedule.Schedulers;
import io.clb.spi.FlowKind;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Runs every scenario with every scheduler of the catalogue, draws a picture of each and prints tables, in Markdown: {@code mvn -q -Psim}. */
public final class Simulations {

    private Simulations() {}

    /**
     * Runs them.
     *
     * @param args the directory of the pictures
     * @throws IOException if a picture cannot be written
     */
    public static void main(String[] args) throws IOException {
        Path pictures = Path.of(args[0]);
        Files.createDirectories(pictures);
        for (Scenario scenario : Scenario.all()) {
            List<SimResult> results = run(scenario);
            Files.writeString(pictures.resolve(scenario.name() + ".svg"), Chart.draw(scenario, results));
            print(scenario, results, System.out);
        }
        Quality.print(System.out);
    }

    /** Runs a scenario with every scheduler that does not need datagrams. */
    static List<SimResult> run(Scenario scenario) {
        return Schedulers.catalogue().stream()
                .filter(factory -> factory.serves(FlowKind.CONNECTION))
                .map(factory -> Simulation.run(scenario, factory))
                .toList();
    }

    private static void print(Scenario scenario, List<SimResult> results, PrintStream out) {
        out.printf("%n%s%n%n", scenario.title());
        out.println(
                "| | p50, ms | p99, ms | connects that failed | requests that failed | clients of others that were moved |");
        out.println("|---|---|---|---|---|---|");
        for (SimResult result : results) {
            out.printf(
                    Locale.ROOT,
                    "| `%s` | %.0f | %.0f | %,d | %,d | %,d of %,d |%n",
                    result.scheduler(),
                    result.troubleP50Nanos() * 1e-6,
                    result.troubleP99Nanos() * 1e-6,
                    result.failedConnects(),
                    result.failed(),
                    result.movedClients(),
                    result.otherClients());
        }
    }
}
