package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.clb.XForwardedFor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What heads cost: to scan one, and to scan it and write it out again for the other side. */
@SuppressWarnings("StringConcatToTextBlock") // lines end with CRLF
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HeadBenchmark {

    private final HeadScanner scanner = new HeadScanner(8_192, 16_384, 100);
    private final Head head = new Head();
    private final ForwardedLines lines = new ForwardedLines(
            new Forwarding(XForwardedFor.APPEND, false, false, true, false, false, false, false, false, true, "clb"),
            false,
            "192.0.2.7",
            1_024,
            "192.0.2.1",
            80,
            "");

    private final ByteBuf small = direct("GET /index.html HTTP/1.1\r\nHost: www.example.org\r\n\r\n");

    private final ByteBuf browser = direct("GET /articles/2026/11/a-title-that-is-not-short?from=front HTTP/1.1\r\n"
            + "Host: www.example.org\r\nConnection: keep-alive\r\nCache-Control: max-age=0\r\n"
            + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0\r\n"
            + "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
            + "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\n"
            + "Cookie: theme=dark; SERVERID=0123456789abcdefghijkl; session=0123456789abcdef0123456789abcdef\r\n\r\n");

    private final ByteBuf answer =
            direct("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sun, 22 Nov 2026 22:04:49 GMT\r\n"
                    + "Content-Type: text/plain\r\nContent-Length: 128\r\nLast-Modified: Sun, 22 Nov 2026 22:04:46 GMT\r\n"
                    + "Connection: keep-alive\r\nETag: \"6b0366fe-80\"\r\nAccept-Ranges: bytes\r\n\r\n");

    /** For JMH. */
    public HeadBenchmark() {}

    private static ByteBuf direct(String text) {
        return Unpooled.directBuffer().writeBytes(text.getBytes(US_ASCII));
    }

    private Head request(ByteBuf bytes) {
        head.clear();
        scanner.request(head, bytes.readerIndex(0));
        return head;
    }

    /** A request of two lines, 52 bytes. */
    @Benchmark
    public int smallRequestScanned() {
        return request(small).fieldCount;
    }

    /** A browser's request, nine lines, 560 bytes. */
    @Benchmark
    public int browsersRequestScanned() {
        return request(browser).fieldCount;
    }

    /** The same, written out for a server. */
    @Benchmark
    public int browsersRequestScannedAndWritten() {
        ByteBuf out = HeadWriter.request(PooledByteBufAllocator.DEFAULT, request(browser), lines, 1_024, false, null);
        int bytes = out.readableBytes();
        out.release();
        return bytes;
    }

    /** A server's answer, nine lines, 240 bytes, scanned and written out for a client. */
    @Benchmark
    public int answerScannedAndWritten() {
        head.clear();
        scanner.response(head, answer.readerIndex(0));
        ByteBuf out = HeadWriter.response(PooledByteBufAllocator.DEFAULT, head, head.status, 0, null, false, false);
        int bytes = out.readableBytes();
        out.release();
        return bytes;
    }
}
