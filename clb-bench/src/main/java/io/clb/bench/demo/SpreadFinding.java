package io.clb.bench.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether connections were spread over the servers by a scheduler that looks at something else than weights alone.
 *
 * @param parts for each steady phase the smallest part of its due that a server got, 1 being all of it
 * @param judged false where there are too few clients, or addresses, to spread
 */
record SpreadFinding(Map<String, Double> parts, boolean judged) implements Finding {

    /** A server that gets less is as good as forgotten. Plays on a busy machine had 0.37 and more with ewma, which follows latency, and 0.8 and more else. */
    private static final double LEAST = 0.1;

    static SpreadFinding of(List<Steady> phases, boolean judged) {
        Map<String, Double> parts = new LinkedHashMap<>();
        phases.forEach(phase -> parts.put(phase.name(), phase.shares().leastPart()));
        return new SpreadFinding(parts, judged);
    }

    @Override
    public String title() {
        return "spread";
    }

    @Override
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("smallest part of what is due by weight that a server got; "
                + (judged ? LEAST + " is asked for" : "not judged, for want of clients or addresses"));
        parts.forEach((phase, part) -> lines.add(String.format(Locale.ROOT, "  %-24s %.2f", phase, part)));
        return lines;
    }

    @Override
    public @Nullable String fault() {
        boolean forgotten = parts.values().stream().anyMatch(part -> part < LEAST);
        return judged && forgotten ? "a server got hardly anything" : null;
    }
}
