package io.clb.ratelimit.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** A node in a JVM of its own, to be stopped and killed. */
final class ChildNode {

    private static final long PAUSE_NANOS = 20_000_000;

    private ChildNode() {}

    /** Starts one that listens on a port and knows another, and lives until it is killed. */
    static Process start(int port, int other) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ""));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home", ""), "bin", "java")
                                .toString(),
                        "-cp",
                        classPath,
                        ChildNode.class.getName(),
                        String.valueOf(port),
                        String.valueOf(other))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Says it again and again, until it is killed or whoever started it has gone: its port, and that of another node. */
    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        ProcessHandle parent = ProcessHandle.current().parent().orElseThrow();
        try (JGroupsTransport node = new JGroupsTransport(
                JGroupsSettings.of("test", InetAddress.getLoopbackAddress(), port)
                        .members("127.0.0.1:" + arguments[1]),
                "clb")) {
            node.open(new Deaf());
            while (parent.isAlive()) {
                node.send(word());
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** What it says. */
    static byte[] word() {
        return "child".getBytes(UTF_8);
    }
}
