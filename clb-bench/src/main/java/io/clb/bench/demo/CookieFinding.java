package io.clb.bench.demo;

import io.clb.bench.demo.Browser.Move;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether clients with a cookie came back to their server for as long as it lived.
 *
 * @param served requests that were answered as they should be
 * @param losses the others
 * @param clients how many there were
 * @param connections how many they opened
 * @param moved clients that left the killed machine while it was dead
 * @param strays other times that a client was answered by another server than before
 */
record CookieFinding(long served, Losses losses, int clients, int connections, int moved, List<Move> strays)
        implements Finding {

    private static final int MAX_EXAMPLES = 5;

    static CookieFinding of(Crowds crowds, Losses losses, Death death) {
        List<Move> moves = crowds.browsers().stream()
                .flatMap(browser -> browser.moves().stream())
                .toList();
        List<Move> strays = moves.stream().filter(move -> !death.explains(move)).toList();
        int connections =
                crowds.browsers().stream().mapToInt(Browser::connections).sum();
        return new CookieFinding(
                crowds.web().served(),
                losses,
                crowds.browsers().size(),
                connections,
                moves.size() - strays.size(),
                strays);
    }

    @Override
    public String title() {
        return "cookies";
    }

    @Override
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT, "served %,d requests of %d clients over %,d connections", served, clients, connections));
        lines.addAll(losses.lines());
        lines.add(String.format(
                Locale.ROOT,
                "%d clients moved, once each, as their machine was dead; %,d other answers came from another server",
                moved,
                strays.size()));
        strays.stream()
                .limit(MAX_EXAMPLES)
                .forEach(move -> lines.add("  " + move.client() + " from " + move.from() + " to " + move.to()));
        return lines;
    }

    @Override
    public @Nullable String fault() {
        if (served == 0) {
            return "no request was served";
        }
        if (losses.others() > 0) {
            return "requests were lost";
        }
        return strays.isEmpty() ? null : "a client with a cookie was sent to another server";
    }
}
