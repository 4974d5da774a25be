package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import io.clb.engine.RunningBalancer;
import io.clb.ratelimit.GcraLimiter;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Who asks what time it is. The wall clock may be set, forwards and backwards, and so is for showing, and for telling this run from those before; all that waits, expires or is limited goes by the
 * nanoseconds of {@code Clock}, which tests move.
 */
final class WallClockTest {

    private static final Set<String> SHOW_IT = Set.of(
            "io/clb/engine/Drains java/time/Instant.now",
            "io/clb/engine/Health java/time/Instant.now",
            "io/clb/engine/LoopFlowRecord java/lang/System.currentTimeMillis",
            "io/clb/engine/RunDiscovery java/time/Instant.now",
            "io/clb/engine/RunServer java/time/Instant.now",
            "io/clb/engine/SnapshotView java/time/Instant.now");

    /** To tell this run of a node from those before. */
    private static final String NAMES_THIS_RUN = "io/clb/engine/RunCluster java/time/Instant.now";

    private static final String THE_CLOCK = "io/clb/engine/Clock java/lang/System.nanoTime";

    private static final int MAGIC_AND_VERSION = 8;

    @Test
    void isAskedForShowingOnlyAndTheOtherOneInOnePlace() throws Exception {
        Set<String> asked = new TreeSet<>();
        for (Class<?> ofModule :
                List.of(LoadBalancer.class, RunningBalancer.class, HttpProtocol.class, GcraLimiter.class)) {
            Set<String> inModule = callsIn(location(ofModule));
            assertThat(inModule).as("calls in the module of %s", ofModule).hasSizeGreaterThan(100);
            inModule.stream().filter(WallClockTest::asksForTheTime).forEach(asked::add);
        }
        Set<String> expected = new TreeSet<>(SHOW_IT);
        expected.add(THE_CLOCK);
        expected.add(NAMES_THIS_RUN);
        assertThat(asked).isEqualTo(expected);
    }

    private static boolean asksForTheTime(String call) {
        String method = call.substring(call.indexOf(' ') + 1);
        return method.equals("java/lang/System.currentTimeMillis")
                || method.equals("java/lang/System.nanoTime")
                || method.equals("java/util/Date.<init>")
                || (method.startsWith("java/time/") && method.endsWith(".now"))
                || method.startsWith("java/time/Clock.system");
    }

    private static Path location(Class<?> of) throws URISyntaxException {
        return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** What the classes in a directory or an archive call, as in {@code io/clb/engine/Clock java/lang/System.nanoTime}. */
    private static Set<String> callsIn(Path classes) throws IOException {
        if (Files.isDirectory(classes)) {
            return callsBelow(classes);
        }
        try (FileSystem archive = FileSystems.newFileSystem(classes)) {
            return callsBelow(archive.getPath("/"));
        }
    }

    private static Set<String> callsBelow(Path root) throws IOException {
        Set<String> calls = new TreeSet<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".class")).toList()) {
                String name = root.relativize(file).toString();
                String caller = name.substring(0, name.length() - ".class".length());
                try (InputStream in = Files.newInputStream(file)) {
                    new Constants(new DataInputStream(in))
                            .methods()
                            .forEach(method -> calls.add(caller + " " + method));
                }
            }
        }
        return calls;
    }

    /** The constant pool of a class file (JVMS 4.4). */
    private static final class Constants {

        private static final int UTF8 = 1;
        private static final int LONG = 5;
        private static final int DOUBLE = 6;
        private static final int CLASS = 7;
        private static final int STRING = 8;
        private static final int METHOD = 10;
        private static final int INTERFACE_METHOD = 11;
        private static final int NAME_AND_TYPE = 12;
        private static final int METHOD_HANDLE = 15;
        private static final int METHOD_TYPE = 16;
        private static final int MODULE = 19;
        private static final int PACKAGE = 20;

        private final Map<Integer, String> texts = new HashMap<>();
        private final Map<Integer, Integer> names = new HashMap<>();
        private final Map<Integer, int[]> members = new HashMap<>();

        Constants(DataInputStream in) throws IOException {
            in.skipNBytes(MAGIC_AND_VERSION);
            int end = in.readUnsignedShort();
            for (int at = 1; at < end; at++) {
                int kind = in.readUnsignedByte();
                switch (kind) {
                    case UTF8 -> texts.put(at, in.readUTF());
                    case CLASS, NAME_AND_TYPE -> {
                        names.put(at, in.readUnsignedShort());
                        in.skipNBytes(kind == CLASS ? 0 : 2);
                    }
                    case METHOD, INTERFACE_METHOD ->
                        members.put(at, new int[] {in.readUnsignedShort(), in.readUnsignedShort()});
                    case STRING, METHOD_TYPE, MODULE, PACKAGE -> in.skipNBytes(2);
                    case METHOD_HANDLE -> in.skipNBytes(3);
                    case LONG, DOUBLE -> {
                        in.skipNBytes(8);
                        at++;
                    }
                    default -> in.skipNBytes(4);
                }
            }
        }

        List<String> methods() {
            return members.values().stream()
                    .map(member -> name(member[0]) + "." + name(member[1]))
                    .toList();
        }

        private String name(int at) {
            return texts.getOrDefault(names.getOrDefault(at, 0), "");
        }
    }
}
