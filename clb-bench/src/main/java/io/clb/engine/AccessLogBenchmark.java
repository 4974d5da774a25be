package io.clb.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import io.clb.AccessLog;
import io.clb.Config;
import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.ServerConfig;
import io.clb.spi.Reason;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it takes to make one line of an access log of a browser's request that one server answered; finding its header fields, and handing lines over, not included.
 *
 * <p>{@code mvn -q -Pjmh -Djmh.args="AccessLogBenchmark -prof gc -prof io.clb.bench.micro.CpuProfiler"}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AccessLogBenchmark {

    private static final byte[] METHOD = "GET".getBytes(US_ASCII);
    private static final byte[] HOST = "shop.example.com".getBytes(US_ASCII);
    private static final byte[] TARGET = "/articles/4711?lang=en&sort=price".getBytes(US_ASCII);
    private static final byte[] REFERER = "https://shop.example.com/articles".getBytes(US_ASCII);
    private static final byte[] AGENT =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
                    .getBytes(US_ASCII);

    /** What a line is made of. */
    @Param({"all fields", "all fields as JSON", "seven fields"})
    String line = "";

    private final Loop loop = new Loop(0, new EmbeddedChannel().eventLoop(), System::nanoTime, EngineSetup.ALLOCATOR);
    private @Nullable LogFormat format;
    private @Nullable LoopFlowRecord record;

    /** Makes the format and the request. */
    @Setup
    public void build() {
        AccessLog log = AccessLog.to(batch -> {});
        if (line.equals("all fields as JSON")) {
            log = log.json();
        } else if (line.equals("seven fields")) {
            log = log.pattern(
                    "$client_ip [$time] \"$request_method $request_uri\" $status $body_bytes_sent $request_time");
        }
        Config config = LoadBalancer.builder()
                .serverGroup("web", g -> g.server("10.0.0.1:8080"))
                .listener("front", l -> l.http(80).forwardTo("web"))
                .build();
        ListenerConfig front = requireNonNull(config.listeners().get("front"));
        ServerConfig address =
                requireNonNull(config.serverGroups().get("web")).servers().get(0);
        RunServer server = new RunServer("web", 0, address, true, new Tally(1));
        server.address(new InetSocketAddress("10.0.0.1", 8_080));
        Origin origin =
                new Origin(new InetSocketAddress("192.0.2.7", 50_000), new InetSocketAddress("198.51.100.1", 80), null);
        format = LogFormat.of(log, front, "clb");
        record = new LoopFlowRecord()
                .fill(
                        new Request(loop, new RunListener("front", 1), origin, server),
                        "web",
                        Reason.COMPLETED,
                        loop.nowNanos());
    }

    /**
     * Makes a line.
     *
     * @return its length
     */
    @Benchmark
    public int line() {
        LogLine made = loop.logLine();
        requireNonNull(format).write(requireNonNull(record), made);
        return made.length();
    }

    /** A request whose parts are at hand. */
    private static final class Request extends LoopFlow {

        private final RunServer server;

        Request(Loop loop, RunListener listener, Origin origin, RunServer server) {
            super(loop, listener, origin);
            this.server = server;
        }

        @Override
        protected void log(AccessLog.Field field, LogLine line) {
            switch (field) {
                case SERVER_PROTOCOL -> line.word("HTTP/1.1");
                case REQUEST_METHOD -> line.text(METHOD, 0, METHOD.length);
                case HOST, HTTP_HOST -> line.text(HOST, 0, HOST.length);
                case REQUEST_URI -> line.text(TARGET, 0, TARGET.length);
                case HTTP_REFERER -> line.text(REFERER, 0, REFERER.length);
                case HTTP_USER_AGENT -> line.text(AGENT, 0, AGENT.length);
                case REQUEST_LENGTH -> line.number(560);
                case BODY_BYTES_SENT -> line.number(12_345);
                case READ_REQUEST_TIME, WRITE_RESPONSE_TIME -> line.millis(0);
                default -> line.none();
            }
        }

        @Override
        protected int status() {
            return 200;
        }

        @Override
        protected int upstreamStatus() {
            return 200;
        }

        @Override
        protected RunServer server() {
            return server;
        }

        @Override
        protected long connectNanos() {
            return 300_000;
        }

        @Override
        protected void abort(Reason reason) {
            throw new AssertionError("it is on no list");
        }

        @Override
        protected void expired(long nowNanos) {
            throw new AssertionError("it has no timeout");
        }
    }
}
