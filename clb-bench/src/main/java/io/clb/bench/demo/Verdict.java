package io.clb.bench.demo;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the demo found.
 *
 * @param findings one for each listener
 */
record Verdict(List<Finding> findings) {

    static Verdict of(Stage stage, Crowds crowds, Death death, Map<String, Double> distances, boolean sharesJudged) {
        Function<Clients, Losses> losses = clients -> Losses.of(clients, stage.flows(), death);
        return new Verdict(List.of(
                new EchoFinding(crowds.echo().served(), losses.apply(crowds.echo()), distances, sharesJudged),
                CookieFinding.of(crowds, losses.apply(crowds.web()), death),
                LimitFinding.of(stage, crowds, losses.apply(crowds.api()))));
    }

    boolean isGood() {
        return findings.stream().allMatch(finding -> finding.fault() == null);
    }

    private String faults() {
        return findings.stream().map(Finding::fault).filter(Objects::nonNull).collect(Collectors.joining("; "));
    }

    void print(PrintWriter out) {
        out.printf("%nVerdict%n");
        for (Finding finding : findings) {
            String margin = finding.title();
            for (String line : finding.lines()) {
                out.printf("  %-8s %s%n", margin, line);
                margin = "";
            }
        }
        out.printf("  %s%n", isGood() ? "Good." : "Bad: " + faults() + ".");
        out.flush();
    }
}
