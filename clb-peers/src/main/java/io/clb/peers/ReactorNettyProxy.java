package io.clb.peers;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.netty.DisposableServer;
import reactor.netty.NettyOutbound;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** Reactor Netty's {@link HttpServer} and {@link HttpClient} on the same loops, with native epoll and the pooled allocator; bodies are streamed. */
final class ReactorNettyProxy implements Proxy {

    private static final AsciiString FORWARDED_FOR = AsciiString.cached("X-Forwarded-For");
    private static final AsciiString FORWARDED_PROTO = AsciiString.cached("X-Forwarded-Proto");
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString VIA = AsciiString.cached(Settings.VIA);
    private static final Duration END = Duration.ofSeconds(5);

    private final LoopResources loops;
    private final ConnectionProvider connections;
    private final HttpClient client;
    private final DisposableServer server;
    private final @Nullable LogFile log;

    ReactorNettyProxy(Settings settings) {
        loops = LoopResources.create("proxy", settings.threads(), false);
        connections = ConnectionProvider.builder("servers")
                .maxConnections(Settings.CONNECTIONS * settings.threads())
                .pendingAcquireMaxCount(Settings.CONNECTIONS * settings.threads())
                .maxIdleTime(Duration.ofMillis(Settings.IDLE_MILLIS))
                .build();
        InetSocketAddress to = settings.server();
        client = HttpClient.create(connections)
                .remoteAddress(() -> to)
                .runOn(loops)
                .protocol(HttpProtocol.HTTP11)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.TCP_NODELAY, true);
        log = settings.accessLog() == null
                ? null
                : new LogFile("reactor.netty.http.server.AccessLog", settings.accessLog());
        server = HttpServer.create()
                .host(Settings.LOOPBACK)
                .port(settings.port())
                .runOn(loops)
                .protocol(HttpProtocol.HTTP11)
                .option(ChannelOption.SO_BACKLOG, Settings.BACKLOG)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .accessLog(log != null)
                .handle(this::relay)
                .bindNow();
    }

    private Publisher<Void> relay(HttpServerRequest request, HttpServerResponse response) {
        return client.request(request.method())
                .uri(request.uri())
                .send((to, body) -> ask(request, to, body))
                .response((answer, body) -> {
                    HttpHeaders headers = answer.responseHeaders();
                    headers.remove(HttpHeaderNames.CONNECTION);
                    return response.status(answer.status()).headers(headers).send(body.retain());
                });
    }

    private static Publisher<Void> ask(HttpServerRequest request, HttpClientRequest to, NettyOutbound outbound) {
        HttpHeaders from = request.requestHeaders();
        HttpHeaders headers = to.requestHeaders();
        headers.set(from);
        headers.remove(HttpHeaderNames.CONNECTION);
        InetSocketAddress address = Objects.requireNonNull(request.remoteAddress());
        headers.set(FORWARDED_FOR, address.getAddress().getHostAddress());
        headers.set(FORWARDED_PROTO, HTTP);
        headers.add(HttpHeaderNames.VIA, VIA);
        boolean hasBody =
                from.contains(HttpHeaderNames.CONTENT_LENGTH) || from.contains(HttpHeaderNames.TRANSFER_ENCODING);
        return hasBody ? outbound.send(request.receive().retain()) : outbound;
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.disposeNow(END);
        connections.disposeLater().block(END);
        loops.disposeLater(Duration.ZERO, END).block(END);
        if (log != null) {
            log.close();
        }
    }
}
