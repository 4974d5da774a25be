package io.clb.peers;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.LoggerFormat;
import io.vertx.ext.web.handler.LoggerHandler;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyOptions;
import io.vertx.httpproxy.ProxyRequest;
import io.vertx.httpproxy.ProxyResponse;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Vert.x's {@link HttpProxy} on native epoll. The access log is that of Vert.x Web, whose router then stands before the proxy. */
final class VertxProxy implements Proxy {

    private static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("X-Forwarded-For");
    private static final CharSequence FORWARDED_PROTO = HttpHeaders.createOptimized("X-Forwarded-Proto");
    private static final CharSequence HTTP = HttpHeaders.createOptimized("http");
    private static final CharSequence VIA = HttpHeaders.createOptimized("Via");
    private static final CharSequence VIA_VALUE = HttpHeaders.createOptimized(Settings.VIA);

    private final Vertx vertx;
    private final HttpServer server;
    private final @Nullable LogFile log;

    VertxProxy(Settings settings) {
        System.setProperty("vertx.disableMetrics", "true");
        System.setProperty("vertx.disableContextTimings", "true");
        System.setProperty("vertx.disableWebsockets", "true");
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(settings.threads()));
        HttpClientOptions client = new HttpClientOptions()
                .setKeepAliveTimeout(Settings.IDLE_MILLIS / 1000)
                .setTcpNoDelay(true);
        PoolOptions pool = new PoolOptions()
                .setHttp1MaxSize(Settings.CONNECTIONS * settings.threads())
                .setCleanerPeriod(Settings.IDLE_MILLIS);
        HttpProxy proxy = HttpProxy.reverseProxy(
                        new ProxyOptions().setSupportWebSocket(false), vertx.createHttpClient(client, pool))
                .origin(SocketAddress.inetSocketAddress(settings.server()))
                .addInterceptor(new Fields());
        server = vertx.createHttpServer(new HttpServerOptions()
                .setTcpNoDelay(true)
                .setAcceptBacklog(Settings.BACKLOG)
                .setHttp2ClearTextEnabled(false));
        if (settings.accessLog() == null) {
            log = null;
            server.requestHandler(proxy);
        } else {
            log = new LogFile(LoggerHandler.class.getName(), settings.accessLog());
            Router router = Router.router(vertx);
            router.route().handler(LoggerHandler.create(LoggerFormat.DEFAULT));
            router.route().handler(c -> proxy.handle(c.request()));
            server.requestHandler(router);
        }
        await(server.listen(settings.port(), Settings.LOOPBACK));
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("Vert.x does not start or end", e);
        }
    }

    @Override
    public int port() {
        return server.actualPort();
    }

    @Override
    public void close() {
        await(vertx.close());
        if (log != null) {
            log.close();
        }
    }

    private static final class Fields implements ProxyInterceptor {
        @Override
        public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
            ProxyRequest request = context.request();
            HttpServerRequest proxied = request.proxiedRequest();
            if (proxied.authority() != null) {
                request.setAuthority(proxied.authority());
            }
            request.headers()
                    .set(FORWARDED_FOR, proxied.remoteAddress().hostAddress())
                    .set(FORWARDED_PROTO, HTTP)
                    .add(VIA, VIA_VALUE);
            return context.sendRequest();
        }
    }
}
