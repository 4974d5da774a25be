package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.l4.TestServer;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a request costs the heap, on the loop that serves it. */
final class HttpGarbageTest {

    private static final byte[] GET =
            "GET /some/path?x=1 HTTP/1.1\r\nHost: example.com\r\nUser-Agent: test\r\n\r\n".getBytes(US_ASCII);
    private static final String OK =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 128\r\n\r\n" + "x".repeat(128);
    private static final int PIPELINED = 8;

    private static final int MEASURED = 1_500;

    /** Enough for the second compiler, which drops what does not escape. */
    private static final int TIMES = 5;

    private static final int MOST = 300;

    private static ThreadMXBean bean() {
        assumeTrue(
                ManagementFactory.getThreadMXBean() instanceof ThreadMXBean,
                "this JVM does not count what a thread allocates");
        return (ThreadMXBean) ManagementFactory.getThreadMXBean();
    }

    /** What all threads of a balancer have allocated. */
    private static long allocated(ThreadMXBean threads) {
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().startsWith("garbage"))
                .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.getThreadId()))
                .sum();
    }

    private static void ask(Socket client, byte[] requests, int rounds, byte[] answers, int length) throws IOException {
        InputStream in = client.getInputStream();
        for (int i = 0; i < rounds; i++) {
            client.getOutputStream().write(requests);
            assertThat(in.readNBytes(answers, 0, length)).isEqualTo(length);
        }
    }

    /** Measures until that is little, as it is once all is compiled, or all has been for long. */
    private static double bytesPerRequest(Config.Builder config) throws Exception {
        ThreadMXBean threads = bean();
        ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
        // It takes down where each buffer was.
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        byte[] requests = new byte[GET.length * PIPELINED];
        for (int i = 0; i < PIPELINED; i++) {
            System.arraycopy(GET, 0, requests, i * GET.length, GET.length);
        }
        try (LoadBalancer lb = config.name("garbage")
                        .listener("front", l -> l.maxRequestsPerConnection(1_000_000))
                        .start();
                Socket client = new Socket()) {
            client.connect(lb.address("front"));
            client.setTcpNoDelay(true);
            int length = OK.length() * PIPELINED;
            byte[] answers = new byte[length];
            double bytes = MOST;
            for (int i = 0; i < TIMES && bytes >= MOST; i++) {
                long before = allocated(threads);
                ask(client, requests, MEASURED, answers, length);
                bytes = (double) (allocated(threads) - before) / (MEASURED * PIPELINED);
            }
            return bytes;
        } finally {
            ResourceLeakDetector.setLevel(level);
        }
    }

    /** Answers each head with the same bytes for ever: there is one at a time, and it is read as a whole, as this has many to answer. */
    private static void answer(Socket socket) throws IOException {
        byte[] ok = OK.getBytes(US_ASCII);
        byte[] head = new byte[4_096];
        int length = 0;
        for (int read = 0; read >= 0; read = socket.getInputStream().read(head, length, head.length - length)) {
            length += read;
            if (new String(head, 0, length, US_ASCII).endsWith("\r\n\r\n")) {
                socket.getOutputStream().write(ok);
                length = 0;
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aRequestLeavesLittle(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.of(HttpGarbageTest::answer)) {
            double bytes = bytesPerRequest(Balancers.http(engine, server.id()));
            assertThat(bytes).isLessThan(MOST);
        }
    }
}
