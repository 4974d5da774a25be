package io.clb.bench.demo;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the demo found.
 *
 * @param findings one or more for each listener
 */
record Verdict(List<Finding> findings) {

    /** With fewer TCP clients there is not always enough at a time to be spread over three machines by load. */
    private static final int ENOUGH_TO_SPREAD = 8;

    /**
     * Judges a play.
     *
     * @param promise of the scheduler of TCP connections
     */
    static Verdict of(Stage stage, Crowds crowds, Acts acts, Death death, Promise promise) {
        Function<Clients, Losses> losses = clients -> Losses.of(clients, stage.flows(), death);
        List<Finding> findings = new ArrayList<>();
        findings.add(
                EchoFinding.of(crowds.echo(), losses.apply(crowds.echo()), acts.phases(), promise == Promise.SHARES));
        if (promise == Promise.SPREAD) {
            findings.add(SpreadFinding.of(acts.phases(), crowds.echo().count() >= ENOUGH_TO_SPREAD));
        }
        if (promise.isReturn()) {
            findings.add(SpreadFinding.of(acts.phases(), crowds.sources().many()));
            if (crowds.sources().many()) {
                findings.add(HomeFinding.of(acts.phases(), death.machine(), acts.lightest()));
            }
        }
        findings.add(CookieFinding.of(crowds, losses.apply(crowds.web()), death));
        findings.add(LimitFinding.of(stage, crowds, losses.apply(crowds.api())));
        return new Verdict(findings);
    }

    boolean isGood() {
        return findings.stream().allMatch(finding -> finding.fault() == null);
    }

    private String faults() {
        return findings.stream()
                .map(Finding::fault)
                .filter(Objects::nonNull)
                .collect(Collectors.joining(String.format(";%n       ")));
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
