package io.clb.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.Main;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs the JCStress tests of this module in a JVM of their own. The report is target/jcstress/index.html.
 *
 * <p>By default about one second per test: many samples, all actors compiled as the JVM likes. A missing atomic shows up
 * here. {@code -Pfull} also takes turns with interpreter, C1 and C2 for each actor: most of a minute per test.
 */
@Tag("stress")
class StressTest {
    private static final String DEFAULT =
            "-m sanity -sc false -jvmArgs -Xmx256m -time 200 -strideSize 256 -strideCount 40";
    private static final String FULL = "-m quick";

    private static final boolean RUN_IN_FULL = Boolean.getBoolean("clb.full");

    /** Far above what the run takes and below Surefire's own limit: there so that a hanging child is ended. */
    private static final long TIMEOUT_MINUTES = RUN_IN_FULL ? 110 : 10;

    @Test
    void everyStressTestRunsAndPasses() throws Exception {
        assertThat(StressTest.class.getResource(TestList.LIST))
                .as("%s, which JCStress' annotation processor writes", TestList.LIST)
                .isNotNull();
        Path directory = freshDirectory();
        Path log = directory.resolve("output.txt");

        int exit = runJcstress(directory, log);

        assertThat(exit).as("exit code of JCStress, which says:%n%s", end(log)).isZero();
        assertThat(namesInResults(directory))
                .as("stress tests that ran (JCStress drops one with more actors than CPUs without a word)")
                .containsExactlyInAnyOrderElementsOf(new TreeSet<>(TestList.tests()));
    }

    private static int runJcstress(Path directory, Path log) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of((RUN_IN_FULL ? FULL : DEFAULT).split(" ", -1)));
        command.addAll(List.of("-c", "2", "-r", directory.toString()));
        Process jcstress = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(jcstress.waitFor(TIMEOUT_MINUTES, MINUTES))
                    .as("JCStress ended")
                    .isTrue();
            return jcstress.exitValue();
        } finally {
            jcstress.descendants().forEach(ProcessHandle::destroyForcibly);
            jcstress.destroyForcibly();
        }
    }

    private static Set<String> namesInResults(Path directory) throws IOException, ClassNotFoundException {
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> blobs = Files.newDirectoryStream(directory, "jcstress-results-*.bin.gz")) {
            for (Path blob : blobs) {
                DiskReadCollector results =
                        new DiskReadCollector(blob.toString(), result -> names.add(result.getName()));
                results.dump();
                results.close();
            }
        }
        return names;
    }

    private static Path freshDirectory() throws IOException {
        Path directory = Path.of("target", "jcstress").toAbsolutePath();
        Files.createDirectories(directory);
        File[] old = directory.toFile().listFiles(File::isFile);
        if (old != null) {
            for (File file : old) {
                Files.delete(file.toPath());
            }
        }
        return directory;
    }

    private static String end(Path log) throws IOException {
        String text = Files.readString(log, UTF_8);
        int summary = text.lastIndexOf("RUN RESULTS:");
        return text.substring(summary >= 0 ? summary : Math.max(0, text.length() - 4000));
    }
}
