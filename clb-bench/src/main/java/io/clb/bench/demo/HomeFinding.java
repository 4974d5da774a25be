package io.clb.bench.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;
import org.jspecify.annotations.Nullable;

/**
 * Whether a scheduler that hashes clients sent each to the same machine as long as the servers stayed, and moved as few as it should when they did not.
 *
 * @param clients how many there were
 * @param strays answers by another machine than the client's own, while the servers stayed
 * @param examples some of those, in words
 * @param death the clients that were seen before the death and after it
 * @param back the clients that were seen before the death and after the return
 * @param weight the clients that were seen before the change of weight and after it
 */
record HomeFinding(int clients, long strays, List<String> examples, Moves death, Moves back, Moves weight)
        implements Finding {

    /** Of the clients of other machines than the dead one, in percent. */
    private static final int MAX_MOVED_PERCENT = 1;

    /**
     * What a change did to clients.
     *
     * @param machine whose change it was
     * @param own clients that this machine had before
     * @param others clients that others had
     * @param ownMoved of the machine's own, those that are elsewhere now
     * @param joined of the others, those that are on this machine now
     * @param othersMoved of the others, those that are on yet another machine now
     */
    record Moves(String machine, int own, int others, int ownMoved, int joined, int othersMoved) {

        static Moves between(Homes.Phase before, Homes.Phase after, Machine machine) {
            String name = machine.name();
            Map<String, String> now = after.byClient();
            int[] counts = new int[5];
            for (Entry<String, String> was : before.byClient().entrySet()) {
                String home = now.get(was.getKey());
                if (home != null) {
                    boolean moved = !home.equals(was.getValue());
                    boolean own = was.getValue().equals(name);
                    counts[own ? 0 : 1]++;
                    if (moved) {
                        counts[own ? 2 : home.equals(name) ? 3 : 4]++;
                    }
                }
            }
            return new Moves(name, counts[0], counts[1], counts[2], counts[3], counts[4]);
        }

        private int all() {
            return own + others;
        }

        private int moved() {
            return ownMoved + joined + othersMoved;
        }

        private int othersAllowed() {
            // Of few clients, one.
            return (others * MAX_MOVED_PERCENT + 99) / 100;
        }
    }

    /**
     * Reads the four phases.
     *
     * @param mortal the machine that died after the first and came back after the second
     * @param reweighed the machine whose weight changed after the third
     */
    static HomeFinding of(List<Steady> phases, Machine mortal, Machine reweighed) {
        List<Homes.Phase> homes = phases.stream().map(Steady::homes).toList();
        return new HomeFinding(
                homes.get(0).byClient().size(),
                homes.stream().mapToLong(Homes.Phase::strays).sum(),
                homes.stream().flatMap(phase -> phase.examples().stream()).toList(),
                Moves.between(homes.get(0), homes.get(1), mortal),
                Moves.between(homes.get(0), homes.get(2), mortal),
                Moves.between(homes.get(2), homes.get(3), reweighed));
    }

    @Override
    public String title() {
        return "homes";
    }

    @Override
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(line(
                "%,d client addresses; while the servers stayed, %,d answers came from another one", clients, strays));
        examples.forEach(example -> lines.add("  " + example));
        lines.add(line(
                "the death of %s moved its %,d, and %,d of %,d others; %,d are allowed",
                death.machine, death.ownMoved, death.othersMoved, death.others, death.othersAllowed()));
        lines.add(line(
                "after its return %,d of %,d were where they had been before", back.all() - back.moved(), back.all()));
        lines.add(line(
                "the weight of %s moved %,d there and %,d elsewhere, of %,d; told, not judged",
                weight.machine, weight.joined, weight.ownMoved + weight.othersMoved, weight.all()));
        return lines;
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    @Override
    public @Nullable String fault() {
        if (death.own == 0 || back.own == 0) {
            return "the machine that died had no clients";
        }
        if (strays > 0) {
            return "a client was sent to another server while the servers stayed";
        }
        if (death.othersMoved > death.othersAllowed()) {
            return "a death moved clients of other machines";
        }
        return back.moved() > 0 ? "a return did not bring every client back" : null;
    }
}
