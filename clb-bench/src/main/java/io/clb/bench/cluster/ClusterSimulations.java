package io.clb.bench.cluster;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Runs every scenario in every mode, draws a picture of each and prints a table, in Markdown: {@code mvn -q -Psim}. */
public final class ClusterSimulations {

    private static final long SEED = 1;
    private static final int SETTLED = 2;
    private static final double NEARLY_ALL = 0.95;

    private ClusterSimulations() {}

    /**
     * Runs them.
     *
     * @param args the directory of the pictures; then, if a large cluster is to be run too, the number of its nodes
     * @throws IOException if a picture cannot be written
     */
    public static void main(String[] args) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Path pictures = Path.of(args[0]);
        Files.createDirectories(pictures);
        List<ClusterScenario> scenarios = new ArrayList<>(ClusterScenarios.all());
        if (args.length > 1) {
            scenarios.add(ClusterScenarios.large(Integer.parseInt(args[1])));
        }
        System.out.println(
                "| scenario | mode | busiest second | used of what could be | Jain's index | nearly all again after |");
        System.out.println("|---|---|---|---|---|---|");
        for (ClusterScenario scenario : scenarios) {
            List<ClusterResult> results = new ArrayList<>();
            for (LimitMode mode : LimitMode.values()) {
                if (mode.needsReports() && !scenario.isReporting()) {
                    continue;
                }
                ClusterResult result = ClusterSimulation.run(scenario, mode, SEED);
                results.add(result);
                print(result, System.out);
            }
            ClusterChart.draw(results, pictures.resolve("limits-" + scenario.name() + ".png"));
        }
    }

    private static void print(ClusterResult result, PrintStream out) {
        ClusterScenario scenario = result.scenario();
        double again = result.secondsUntil(NEARLY_ALL, scenario.troubleSeconds(), scenario.seconds());
        out.printf(
                Locale.ROOT,
                "| %s | %s | %.3f | %.3f | %.3f | %s |%n",
                scenario.name(),
                result.mode(),
                result.busiestSecond(),
                result.utilisation(SETTLED, scenario.seconds()),
                result.fairness(SETTLED, scenario.seconds()),
                again < 0 ? "-" : String.format(Locale.ROOT, "%.2f s", again));
    }
}
