package io.clb.bench.soak;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What the process holds at a moment.
 *
 * @param heapBytes what lives after a collection
 * @param residentBytes what the system has given it; 0 where it does not tell
 * @param descriptors open files and sockets
 * @param threads live threads, those of servers for each connection left out
 */
record Gauges(long heapBytes, long residentBytes, long descriptors, long threads) {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final double MEBIBYTE = 1 << 20;

    static Gauges read() {
        // Twice: what finalizers and cleaners hold goes with the second.
        System.gc();
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        long descriptors = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getOpenFileDescriptorCount()
                : 0;
        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().equals("soak-connection"))
                .count();
        return new Gauges(runtime.totalMemory() - runtime.freeMemory(), resident(), descriptors, threads);
    }

    private static long resident() {
        try {
            return Files.exists(STATUS)
                    ? Files.readAllLines(STATUS).stream()
                            .filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1_024)
                            .sum()
                    : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.1f MiB live heap, %.0f MiB resident, %d descriptors, %d threads",
                heapBytes / MEBIBYTE,
                residentBytes / MEBIBYTE,
                descriptors,
                threads);
    }
}
