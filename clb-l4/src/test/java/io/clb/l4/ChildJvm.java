package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own for what needs one. */
public final class ChildJvm {

    private static final int TIMEOUT_SECONDS = 60;

    private ChildJvm() {}

    /** Where this JVM's classes come from. */
    public static List<Path> classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ""));
        return Arrays.stream(path.split(File.pathSeparator)).map(Path::of).toList();
    }

    /** As an argument of java and javac. */
    public static String joined(List<Path> path) {
        return String.join(File.pathSeparator, path.stream().map(Path::toString).toList());
    }

    /** Starts java with some arguments; what it says of errors comes with what else it says. */
    public static Process start(String... arguments) throws IOException {
        return start(List.of(), arguments);
    }

    /** Starts java with no more than so many file descriptors. */
    static Process startWithDescriptors(int descriptors, String... arguments) throws IOException {
        return start(List.of("sh", "-c", "ulimit -n " + descriptors + " && exec \"$0\" \"$@\""), arguments);
    }

    private static Process start(List<String> through, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(through);
        command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Runs java with some arguments to its end, which must be a good one, and returns what it said. */
    public static String java(String... arguments) throws IOException, InterruptedException {
        return said(start(arguments));
    }

    /** The same, in a process that may have so many file descriptors. */
    static String javaWithDescriptors(int descriptors, String... arguments) throws IOException, InterruptedException {
        return said(startWithDescriptors(descriptors, arguments));
    }

    private static String said(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
