package io.clb.bench.sim;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A scenario as an SVG picture: a row for each scheduler, with the requests on each server over time, the 99th percentile of the latency, and the
 * connects that failed. Scales are the same in all rows. Positions are whole pixels and lines are drawn in relative steps, so that a picture is small
 * and the same wherever it is drawn.
 */
final class Chart {

    private static final int STEP = 2;
    private static final int WIDTH = STEP * (Recorder.SAMPLES - 1);
    private static final int HEIGHT = 72;
    private static final int ROW = 92;
    private static final int TOP = 84;
    private static final int LEFT = 96;
    private static final int MIDDLE = LEFT + WIDTH + 74;
    private static final int RIGHT = MIDDLE + WIDTH + 54;
    private static final int MARGIN = 24;
    private static final int BOTTOM = 40;
    private static final int TICK_SECONDS = 10;
    private static final int QUARTERS_OF_TEN = 40;

    /** Latency is drawn from 10 ms to 10 s, a decade each 24 pixels. */
    private static final double LOWEST_SECONDS = 0.01;

    private static final List<String> DECADES = List.of("10 ms", "100 ms", "1 s", "10 s");
    private static final int DECADE = HEIGHT / (DECADES.size() - 1);

    private final Scenario scenario;
    private final List<SimResult> results;
    private final long highestActive;
    private final long highestFailures;
    private final StringBuilder svg = new StringBuilder(64 * 1_024);

    private Chart(Scenario scenario, List<SimResult> results) {
        this.scenario = scenario;
        this.results = results;
        this.highestActive = ceiling(
                results.stream().flatMap(result -> result.active().stream()).mapToLong(Samples::highest));
        this.highestFailures =
                ceiling(results.stream().map(SimResult::connectFailures).mapToLong(Samples::highest));
    }

    /** A top of the scale whose quarter is a round number too. */
    private static long ceiling(LongStream highest) {
        return Math.max(1, (highest.max().orElse(0) + QUARTERS_OF_TEN - 1) / QUARTERS_OF_TEN) * QUARTERS_OF_TEN;
    }

    /** Draws the picture. */
    static String draw(Scenario scenario, List<SimResult> results) {
        Chart chart = new Chart(scenario, results);
        chart.head();
        for (int row = 0; row < results.size(); row++) {
            chart.row(results.get(row), TOP + row * ROW, row + 1 == results.size());
        }
        return chart.svg.append("</svg>\n").toString();
    }

    private void head() {
        int width = RIGHT + WIDTH + MARGIN;
        int height = TOP + results.size() * ROW - (ROW - HEIGHT) + BOTTOM;
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">",
                width, height, width, height);
        add("<title>%s</title>", scenario.title());
        add(
                "<style>text{font:12px sans-serif;fill:#24292f}.h{font-weight:bold;font-size:14px}.s{font-weight:bold}.e{text-anchor:end}.m{text-anchor:middle}"
                        + "path{fill:none}.g{stroke:#d0d7de}.o{stroke:#8c959f}.t{stroke:#cf222e;stroke-width:2}.l{stroke:#0550ae;stroke-width:1.5}</style>");
        add("<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", width, height);
        add("<text class=\"h\" x=\"16\" y=\"24\">%s</text>", scenario.title());
        add("<path class=\"t\" d=\"M16 42h20\"/><text x=\"42\" y=\"46\">the server in trouble</text>");
        add("<path class=\"o\" d=\"M190 42h20\"/><text x=\"216\" y=\"46\">the seven others</text>");
        add(
                "<rect x=\"344\" y=\"36\" width=\"20\" height=\"12\" fill=\"#fff1e5\"/><text x=\"370\" y=\"46\">the time of trouble</text>");
        add("<text x=\"514\" y=\"46\">counts are on a square-root scale, latency on a logarithmic one</text>");
        add("<text class=\"s\" x=\"%d\" y=\"72\">requests on each server</text>", LEFT);
        add("<text class=\"s\" x=\"%d\" y=\"72\">99th percentile of latency</text>", MIDDLE);
        add("<text class=\"s\" x=\"%d\" y=\"72\">failed connects a second</text>", RIGHT);
    }

    private void row(SimResult result, int top, boolean last) {
        int bottom = top + HEIGHT;
        add("<text class=\"h\" x=\"16\" y=\"%d\">%s</text>", top + HEIGHT / 2 + 4, result.scheduler());
        counts(LEFT, top, highestActive, last);
        for (int slot = 0; slot < scenario.servers(); slot++) {
            if (slot != scenario.troubled()) {
                line("o", LEFT, bottom, roots(result.active().get(slot), highestActive));
            }
        }
        line("t", LEFT, bottom, roots(result.active().get(scenario.troubled()), highestActive));
        frame(MIDDLE, top, last);
        for (int decade = 0; decade < DECADES.size(); decade++) {
            tick(MIDDLE, bottom - decade * DECADE, DECADES.get(decade));
        }
        Samples p99 = result.p99Nanos();
        line("l", MIDDLE, bottom, IntStream.range(0, p99.size()).map(i -> height(p99.at(i))));
        counts(RIGHT, top, highestFailures, last);
        line("l", RIGHT, bottom, roots(result.connectFailures(), highestFailures));
    }

    /** The ground of a panel of counts. On a square-root scale a quarter of the top is half as high. */
    private void counts(int left, int top, long highest, boolean labelled) {
        frame(left, top, labelled);
        tick(left, top, Long.toString(highest));
        tick(left, top + HEIGHT / 2, Long.toString(highest / 4));
        tick(left, top + HEIGHT, "0");
    }

    private static IntStream roots(Samples counts, long highest) {
        return IntStream.range(0, counts.size()).map(i ->
                (int) Math.round(HEIGHT * Math.sqrt((double) counts.at(i) / highest)));
    }

    private static int height(long nanos) {
        double decades = StrictMath.log10(Math.max(nanos * 1e-9, LOWEST_SECONDS) / LOWEST_SECONDS);
        return Math.min(HEIGHT, (int) Math.round(decades * DECADE));
    }

    /** The ground of a panel: the time of trouble, the frame, and below the last row the seconds. */
    private void frame(int left, int top, boolean labelled) {
        int from = x(scenario.fromNanos());
        add(
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#fff1e5\"/>",
                left + from, top, x(scenario.toNanos()) - from, HEIGHT);
        add("<path class=\"g\" d=\"M%d %dh%dv%dh-%dz\"/>", left, top, WIDTH, HEIGHT, WIDTH);
        for (int second = 0; labelled && second * 1_000_000_000L <= scenario.endNanos(); second += TICK_SECONDS) {
            String unit = second == 0 ? " s" : "";
            add(
                    "<text class=\"m\" x=\"%d\" y=\"%d\">%d%s</text>",
                    left + x(second * 1_000_000_000L), top + HEIGHT + 18, second, unit);
        }
    }

    private void tick(int left, int y, String label) {
        add(
                "<path class=\"g\" d=\"M%d %dh%d\"/><text class=\"e\" x=\"%d\" y=\"%d\">%s</text>",
                left, y, WIDTH, left - 6, y + 4, label);
    }

    private int x(long nanos) {
        return (int) (nanos * WIDTH / scenario.endNanos());
    }

    /** A line through heights at even distances. Equal slopes are drawn as one. */
    private void line(String style, int left, int bottom, IntStream heights) {
        int[] at = heights.toArray();
        svg.append("<path class=\"")
                .append(style)
                .append("\" d=\"M")
                .append(left)
                .append(' ')
                .append(bottom - at[0])
                .append('l');
        int begun = 0;
        for (int i = 1; i < at.length; i++) {
            if (i + 1 == at.length || at[i + 1] - at[i] != at[i] - at[i - 1]) {
                svg.append(begun == 0 ? "" : " ").append((i - begun) * STEP);
                int down = at[begun] - at[i];
                svg.append(down < 0 ? "" : " ").append(down);
                begun = i;
            }
        }
        svg.append("\"/>\n");
    }

    private void add(String format, Object... args) {
        svg.append(String.format(Locale.ROOT, format, args)).append('\n');
    }
}
