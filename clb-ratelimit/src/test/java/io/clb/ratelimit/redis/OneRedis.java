package io.clb.ratelimit.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import redis.embedded.RedisServer;

/** A real Redis on this host, which lets its user do what a cluster needs and no more. */
public final class OneRedis implements AutoCloseable {

    static final String PASSWORD = "hidden-of-course";

    private final int port;
    private RedisServer server;

    /** Of which the library does not tell which one it is. */
    private ProcessHandle process;

    private OneRedis(int port) {
        this.port = port;
        restart();
    }

    /** Starts one on a free port. */
    public static OneRedis start() {
        return new OneRedis(freePort());
    }

    /** Starts it on the same port as before. */
    public void restart() {
        Set<Long> before = children().map(ProcessHandle::pid).collect(Collectors.toSet());
        try {
            server = RedisServer.newRedisServer()
                    .port(port)
                    .bind("127.0.0.1")
                    .setting("user clb on >" + PASSWORD + " resetchannels &clb:* -@all +ping +publish +subscribe")
                    .setting("user default off")
                    .setting("save \"\"")
                    .build();
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        process = children()
                .filter(child -> !before.contains(child.pid()))
                .findFirst()
                .orElseThrow();
    }

    private static Stream<ProcessHandle> children() {
        return ProcessHandle.current().children().filter(ProcessHandle::isAlive);
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    /** What a node must be told. */
    public String uri() {
        return uri(port);
    }

    static String uri(int port) {
        return "redis://clb:" + PASSWORD + "@127.0.0.1:" + port;
    }

    /** Has it do nothing, though its sockets are there. */
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Has it go on. */
    public void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Ends it without a goodbye. */
    public void kill() throws IOException {
        process.destroyForcibly();
        server.stop();
    }

    @Override
    public void close() throws IOException {
        kill();
    }
}
