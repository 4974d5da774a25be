package io.clb.ratelimit.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
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
                    .setting("user clb on >" + PASSWORD + " resetchannels &clb:* ~clb:* -@all +ping +publish +subscribe"
                            + " +eval +evalsha +time +zadd +zcount +zrem +zremrangebyscore +zscore +pexpire")
                    .setting("user admin on >" + PASSWORD + " ~* -@all +script +keys +pttl")
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

    /** Has it do what a cluster may not, and returns its answer, of one line or a list of one. */
    String administer(String... command) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))) {
            String lines = "AUTH admin " + PASSWORD + "\r\n" + String.join(" ", command) + "\r\n";
            socket.getOutputStream().write(lines.getBytes(UTF_8));
            assertThat(in.readLine()).isEqualTo("+OK");
            String answer = in.readLine();
            while (answer.startsWith("*") || answer.startsWith("$")) {
                answer = in.readLine();
            }
            return answer.startsWith(":") || answer.startsWith("+") ? answer.substring(1) : answer;
        }
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
