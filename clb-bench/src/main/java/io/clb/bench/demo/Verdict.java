package io.clb.bench.demo;

import io.clb.bench.demo.BrokenFlows.Broken;
import io.clb.bench.demo.Clients.Loss;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the demo found.
 *
 * @param served connections that clients saw answered in full
 * @param killed connections that were lost because they were open on the killed server when it died
 * @param lost connections that were lost otherwise
 * @param examples some of the latter, in words
 * @param distances for each steady phase the largest distance of a server's share from its due, in percentage points
 * @param judged whether the scheduler promises shares that can be judged
 */
record Verdict(
        long served, long killed, long lost, List<String> examples, Map<String, Double> distances, boolean judged) {

    /** In percentage points; what is under way when a phase begins or ends is a fraction of that. */
    private static final double MAX_DISTANCE = 1;

    private static final int MAX_EXAMPLES = 5;

    /**
     * When the server was dead. No connection to it could begin in that time, so whatever was lost on it then was open on it when it died.
     *
     * @param server its id
     * @param fromNanos just before it was killed
     * @param toNanos just before it was revived
     */
    record Death(String server, long fromNanos, long toNanos) {

        boolean explains(Loss loss, BrokenFlows flows) {
            Broken flow = flows.of(loss.port());
            return flow != null
                    && server.equals(flow.server())
                    && loss.atNanos() - fromNanos >= 0
                    && loss.atNanos() - toNanos < 0;
        }
    }

    static Verdict of(Clients clients, BrokenFlows flows, Death death, Map<String, Double> distances, boolean judged) {
        List<Loss> losses = clients.losses();
        long killed =
                losses.stream().filter(loss -> death.explains(loss, flows)).count();
        List<String> examples = losses.stream()
                .filter(loss -> !death.explains(loss, flows))
                .limit(MAX_EXAMPLES)
                .map(loss -> "client port " + loss.port() + ": " + loss.why() + "; the balancer says: "
                        + inWords(flows.of(loss.port())))
                .toList();
        return new Verdict(clients.served(), killed, clients.lost() - killed, examples, distances, judged);
    }

    private static String inWords(@Nullable Broken flow) {
        return flow == null ? "nothing" : flow.reason() + (flow.server() == null ? "" : " on server " + flow.server());
    }

    private boolean sharesAreGood() {
        return !judged || distances.values().stream().allMatch(distance -> distance <= MAX_DISTANCE);
    }

    boolean isGood() {
        return served > 0 && lost == 0 && sharesAreGood();
    }

    private String whyNot() {
        if (served == 0) {
            return "nothing was served";
        }
        return lost > 0 ? "connections were lost" : "a share is more than " + MAX_DISTANCE + " off";
    }

    void print(PrintWriter out) {
        out.printf(Locale.ROOT, "%nVerdict%n");
        out.printf(Locale.ROOT, "  served   %,d connections%n", served);
        out.printf(
                Locale.ROOT,
                "  lost     %,d: %,d that were open on the killed server when it died, %,d others%n",
                killed + lost,
                killed,
                lost);
        examples.forEach(example -> out.printf("             %s%n", example));
        out.printf(
                "  shares   largest distance from %s%n",
                judged ? "what is due, in percentage points" : "the weights, told but not judged for this scheduler");
        distances.forEach((phase, distance) -> out.printf(Locale.ROOT, "             %-24s %.2f%n", phase, distance));
        out.printf("  %s%n", isGood() ? "Good." : "Bad: " + whyNot() + ".");
        out.flush();
    }
}
