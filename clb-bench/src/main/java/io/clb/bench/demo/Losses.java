package io.clb.bench.demo;

import io.clb.bench.demo.BrokenFlows.Broken;
import io.clb.bench.demo.Clients.Loss;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What clients of a listener lost, and whose fault it was.
 *
 * @param killed lost because it was under way on the killed machine when it died
 * @param others lost otherwise
 * @param examples some of the latter, in words
 */
record Losses(long killed, long others, List<String> examples) {

    private static final int MAX_EXAMPLES = 5;

    static Losses of(Clients clients, BrokenFlows flows, Death death) {
        List<Loss> unexplained = clients.losses().stream()
                .filter(loss -> !death.explains(loss, flows))
                .toList();
        long killed = (long) clients.losses().size() - unexplained.size();
        List<String> examples = unexplained.stream()
                .limit(MAX_EXAMPLES)
                .map(loss -> inWords(loss, flows))
                .toList();
        return new Losses(killed, clients.lost() - killed, examples);
    }

    static String inWords(Loss loss, BrokenFlows flows) {
        Broken flow = flows.of(loss.listener(), loss.local());
        String said = flow == null ? "nothing" : flow.reason() + (flow.server() == null ? "" : " on " + flow.server());
        // A wrong answer may be of any length.
        return String.format(Locale.ROOT, "  client %s: %.40s; the balancer says: %s", loss.local(), loss.why(), said);
    }

    long all() {
        return killed + others;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "lost %,d that were under way on the machine that was killed, %,d others",
                killed,
                others));
        lines.addAll(examples);
        return lines;
    }
}
