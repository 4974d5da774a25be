package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code in README and in the guides compiles; the first program of README runs, and that of the guide on limits prints its table. */
final class ReadmeTest {

    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern CLASS = Pattern.compile("class (\\w+)");
    private static final Path README = Path.of("..", "README.md");
    private static final Path LIMITS = Path.of("..", "docs", "guides", "limits.md");

    private static final Path ACCESS_LOG = Path.of("..", "docs", "guides", "access-log.md");

    private static List<String> programs(Path document) throws IOException {
        return BLOCK.matcher(Files.readString(document))
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    private static void compile(Path folder, String program) throws IOException {
        String name = CLASS.matcher(program)
                .results()
                .map(MatchResult::group)
                .findFirst()
                .orElseThrow()
                .substring(6);
        Path source = Files.writeString(folder.resolve(name + ".java"), program);
        int result = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", folder.toString(), "-proc:none", "-cp", classPath(), source.toString());
        assertThat(result).as("javac of\n%s", program).isZero();
    }

    private static String classPath() {
        return System.getProperty("java.class.path");
    }

    private static Process run(Path folder, String name) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        folder + System.getProperty("path.separator") + classPath(),
                        name)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    @Test
    void everyProgramCompiles(@TempDir Path folder) throws IOException {
        for (Path document : List.of(README, ACCESS_LOG)) {
            assertThat(programs(document)).isNotEmpty();
            for (String program : programs(document)) {
                compile(folder, program);
            }
        }
    }

    @Test
    void theGuideOnLimitsShowsWhatItsProgramPrints(@TempDir Path folder) throws IOException {
        String program = programs(LIMITS).get(0);
        compile(folder, program);
        try (BufferedReader output = output(run(folder, "Shares"))) {
            List<String> rows = output.lines().toList();
            assertThat(rows).hasSizeGreaterThan(2);
            assertThat(Files.readString(LIMITS)).contains(String.join("\n", rows));
        }
    }

    @Test
    void theFirstProgramIsShortAndRuns(@TempDir Path folder) throws IOException {
        String first = programs(README).get(0);
        assertThat(first.lines()).hasSizeLessThanOrEqualTo(15);
        compile(folder, first.replace("tcp(5432)", "tcp(0)"));
        Process process = run(folder, "First");
        try (BufferedReader output = output(process)) {
            assertThat(output.readLine()).startsWith("listening on ");
        } finally {
            process.destroy();
        }
        assertThat(process.onExit().join().exitValue())
                .as("ended by its shutdown hook")
                .isEqualTo(143);
    }
}
