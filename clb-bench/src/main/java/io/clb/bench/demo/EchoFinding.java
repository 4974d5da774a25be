package io.clb.bench.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether connections were served, and dealt as they should be.
 *
 * @param served connections that clients saw answered in full
 * @param losses the others
 * @param distances for each steady phase the largest distance of a server's share from its due, in percentage points
 * @param judged whether the scheduler promises shares that can be judged
 */
record EchoFinding(long served, Losses losses, Map<String, Double> distances, boolean judged) implements Finding {

    /** In percentage points; what is under way when a phase begins or ends is a fraction of that. */
    private static final double MAX_DISTANCE = 1;

    static EchoFinding of(Clients clients, Losses losses, List<Steady> phases, boolean judged) {
        Map<String, Double> distances = new LinkedHashMap<>();
        phases.forEach(phase -> distances.put(phase.name(), phase.shares().distance()));
        return new EchoFinding(clients.served(), losses, distances, judged);
    }

    @Override
    public String title() {
        return "TCP";
    }

    @Override
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, "served %,d connections", served));
        lines.addAll(losses.lines());
        lines.add("shares: largest distance from "
                + (judged
                        ? "what is due, in percentage points; " + MAX_DISTANCE + " is allowed"
                        : "the weights, told but not judged for this scheduler"));
        distances.forEach((phase, distance) -> lines.add(String.format(Locale.ROOT, "  %-24s %.2f", phase, distance)));
        return lines;
    }

    @Override
    public @Nullable String fault() {
        if (served == 0) {
            return "no connection was served";
        }
        if (losses.others() > 0) {
            return "connections were lost";
        }
        boolean far = distances.values().stream().anyMatch(distance -> distance > MAX_DISTANCE);
        return judged && far ? "a share is more than " + MAX_DISTANCE + " off" : null;
    }
}
