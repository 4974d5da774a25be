package io.clb.bench.cluster;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** What all nodes let through over time, in each mode, as a picture. */
final class ClusterChart {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 280;
    private static final int POINTS_PER_SECOND = 10;

    private ClusterChart() {}

    static void draw(List<ClusterResult> results, Path file) throws IOException {
        ClusterScenario scenario = results.get(0).scenario();
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(scenario.name().replace('-', ' ') + ", N = " + scenario.nodes())
                .xAxisTitle("seconds")
                .yAxisTitle("of the total")
                .build();
        chart.getStyler()
                .setLegendPosition(Styler.LegendPosition.OutsideE)
                .setSeriesColors(
                        results.stream().map(result -> result.mode().colour()).toArray(Color[]::new))
                .setChartBackgroundColor(Color.WHITE);
        chart.getStyler()
                .setYAxisMin(0.0)
                .setYAxisMax(1.3)
                .setYAxisDecimalPattern("0.0")
                .setXAxisDecimalPattern("0");
        for (ClusterResult result : results) {
            double[] seconds = IntStream.range(0, scenario.seconds() * POINTS_PER_SECOND)
                    .mapToDouble(point -> (double) point / POINTS_PER_SECOND)
                    .toArray();
            double[] rates = IntStream.range(0, seconds.length)
                    .mapToDouble(point -> rate(result, point))
                    .toArray();
            chart.addSeries(result.mode().toString(), seconds, rates).setMarker(SeriesMarkers.NONE);
        }
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    private static double rate(ClusterResult result, int point) {
        int bins = result.binsPerSecond() / POINTS_PER_SECOND;
        return IntStream.range(point * bins, (point + 1) * bins)
                .mapToDouble(result::rate)
                .average()
                .orElse(0);
    }
}
