package io.clb.bench.micro;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;

import io.clb.spi.HttpFlow;
import io.clb.spi.Server;
import io.clb.spi.SessionSticker;
import io.clb.stick.Stickiness;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Nanoseconds to find a client's server by its cookie, and to see that the cookie need not be set again. Nothing is shared that anyone writes, so one
 * thread tells all.
 *
 * <p>{@code mvn -q -Pjmh -Djmh.args="RecallBenchmark"}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@Threads(1)
public class RecallBenchmark {

    /** Many clients, one after the other: a power of two, and more than there are servers. */
    private static final int CLIENTS = 4_096;

    /** A part of the bytes of a head, as parsers hand them out. */
    private static final class Slice implements CharSequence {

        private final byte[] bytes;
        private final int offset;
        private final int length;

        private Slice(byte[] bytes, int offset, int length) {
            this.bytes = bytes;
            this.offset = offset;
            this.length = length;
        }

        static Slice of(String text) {
            return new Slice(("Cookie: " + text).getBytes(ISO_8859_1), "Cookie: ".length(), text.length());
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public char charAt(int index) {
            return (char) (bytes[offset + index] & 0xff);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Slice(bytes, offset + start, end - start);
        }

        @Override
        public String toString() {
            return new String(bytes, offset, length, ISO_8859_1);
        }
    }

    /** A pool, and requests with the cookies of its servers in turn. */
    @State(Scope.Benchmark)
    public static class Pool {

        /** How many servers there are. */
        @Param({"10", "1000"})
        int servers;

        private BenchGroup group = BenchGroup.of(0);
        private SessionSticker sticker =
                Stickiness.insertCookie(Duration.ofHours(1)).create(group, null);
        private HttpFlow[] clients = {};
        private int next;

        /** Builds the sticker and its clients. */
        @Setup
        public void build() {
            group = BenchGroup.of(servers);
            sticker = Stickiness.insertCookie(Duration.ofHours(1)).create(group, null);
            clients = IntStream.range(0, CLIENTS)
                    .mapToObj(i -> client(group.server(i % servers)))
                    .toArray(HttpFlow[]::new);
        }

        private HttpFlow client(Server server) {
            String field = requireNonNull(sticker.setCookie(NewFlow.first(), server, 200));
            return NewFlow.withCookie(Slice.of(field.substring(field.indexOf('=') + 1, field.indexOf(';'))));
        }

        HttpFlow next() {
            next = (next + 1) & (CLIENTS - 1);
            return clients[next];
        }
    }

    /** Requests with a cookie that looks right and names nobody. */
    @State(Scope.Benchmark)
    public static class Stranger {
        final HttpFlow request = NewFlow.withCookie(Slice.of("A".repeat(22)));
    }

    /**
     * Finds the server.
     *
     * @param pool the servers and their clients
     * @return the server
     */
    @Benchmark
    public @Nullable Server recalled(Pool pool) {
        return pool.sticker.recall(pool.next(), 0);
    }

    /**
     * Finds the server, and does without another cookie on the response.
     *
     * @param pool the servers and their clients
     * @return null
     */
    @Benchmark
    public @Nullable String recalledAndAnswered(Pool pool) {
        HttpFlow request = pool.next();
        return pool.sticker.setCookie(request, requireNonNull(pool.sticker.recall(request, 0)), 200);
    }

    /**
     * Finds nobody.
     *
     * @param pool the servers
     * @param stranger who asks
     * @return null
     */
    @Benchmark
    public @Nullable Server unknown(Pool pool, Stranger stranger) {
        return pool.sticker.recall(stranger.request, 0);
    }

    /**
     * Builds the sticker, as for every change of the pool. On the control thread, for comparison only.
     *
     * @param pool the servers
     * @return the new sticker
     */
    @Benchmark
    public SessionSticker rebuilt(Pool pool) {
        return Stickiness.insertCookie(Duration.ofHours(1)).create(pool.group, pool.sticker);
    }
}
