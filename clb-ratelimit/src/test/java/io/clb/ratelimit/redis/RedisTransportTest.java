package io.clb.ratelimit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.contract.ClusterTransportContract;
import io.clb.spi.ClusterTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.embedded.RedisServer;

/** Redis as what carries messages: a real one, on this host. */
class RedisTransportTest extends ClusterTransportContract {

    private static final String PASSWORD = "hidden-of-course";

    private static final int PORT = freePort();

    private static OneRedis redis;

    /** A process, of which the library does not tell which one it is. */
    private record OneRedis(RedisServer server, ProcessHandle process) {

        static OneRedis start() {
            Set<Long> before = children().map(ProcessHandle::pid).collect(Collectors.toSet());
            try {
                RedisServer server = RedisServer.newRedisServer()
                        .port(PORT)
                        .bind("127.0.0.1")
                        .setting("user clb on >" + PASSWORD + " resetchannels &clb:* -@all +ping +publish +subscribe")
                        .setting("user default off")
                        .setting("save \"\"")
                        .build();
                server.start();
                ProcessHandle process = children()
                        .filter(child -> !before.contains(child.pid()))
                        .findFirst()
                        .orElseThrow();
                return new OneRedis(server, process);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Stream<ProcessHandle> children() {
            return ProcessHandle.current().children().filter(ProcessHandle::isAlive);
        }

        void signal(String name) throws IOException, InterruptedException {
            Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
            assertThat(kill.waitFor()).isZero();
        }

        void kill() throws IOException {
            process.destroyForcibly();
            server.stop();
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeAll
    static void startRedis() {
        redis = OneRedis.start();
    }

    @AfterAll
    static void endRedis() throws IOException {
        redis.kill();
    }

    private static RedisSettings settings(int number) {
        return RedisSettings.of("test", "redis://clb:" + PASSWORD + "@127.0.0.1:" + PORT)
                .node("clb-" + number);
    }

    @Override
    protected ClusterTransport node(int number) {
        return new RedisTransport(settings(number));
    }

    @Test
    void aRedisThatIsStartedAgainIsUsedAgain() throws IOException {
        ClusterTransport first = node(0);
        Inbox firsts = opened(first);
        Inbox seconds = opened(node(1));
        carry(first, message(10), seconds);
        redis.kill();
        await().until(() -> !firsts.isConnected() && !seconds.isConnected());
        first.send(message(10));
        redis = OneRedis.start();
        await().until(() -> firsts.isConnected() && seconds.isConnected());
        carry(first, message(10), seconds);
        assertThat(firsts.failures()).hasSize(1).allMatch(why -> why.startsWith("Redis at 127.0.0.1:" + PORT + " "));
    }

    @Test
    void aRedisThatHangsIsNoticedAndHoldsNobodyUp() throws IOException, InterruptedException {
        RedisTransport first = new RedisTransport(settings(0));
        Inbox firsts = opened(first);
        Inbox seconds = opened(node(1));
        carry(first, message(10), seconds);
        redis.signal("STOP");
        try {
            // more than sockets hold, so that it would be noticed if somebody waited for that
            byte[] large = message(100_000);
            for (int i = 0; i < 1000; i++) {
                first.send(large);
            }
            assertThat(first.dropped()).isGreaterThan(900);
            await().until(() -> !firsts.isConnected());
            assertThat(firsts.failures()).containsExactly("Redis at 127.0.0.1:" + PORT + " does not answer");
        } finally {
            redis.signal("CONT");
        }
        await().until(firsts::isConnected);
        carry(first, message(10), seconds);
    }

    @Test
    void aRedisThatIsNotThereIsTold() {
        Inbox inbox = opened(
                new RedisTransport(RedisSettings.of("test", "redis://clb:" + PASSWORD + "@127.0.0.1:" + freePort())));
        await().until(() -> !inbox.failures().isEmpty());
        assertThat(inbox.failures().get(0)).contains("cannot be reached").doesNotContain(PASSWORD);
    }
}
