package io.clb.peers;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.attribute.ExchangeAttributes;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.ResponseCodeHandler;
import io.undertow.server.handlers.accesslog.AccessLogHandler;
import io.undertow.server.handlers.accesslog.DefaultAccessLogReceiver;
import io.undertow.server.handlers.proxy.LoadBalancingProxyClient;
import io.undertow.server.handlers.proxy.ProxyHandler;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.xnio.OptionMap;
import org.xnio.Options;

/**
 * Undertow's {@link ProxyHandler} with its {@link LoadBalancingProxyClient}, on I/O threads only. There is no native epoll: XNIO uses the JDK's selectors.
 *
 * <p>It sends {@code X-Forwarded-Server}, {@code -Host} and {@code -Port} too, which cannot be turned off.
 */
final class UndertowProxy implements Proxy {

    private final Undertow undertow;
    private @Nullable ExecutorService logWriter;
    private @Nullable DefaultAccessLogReceiver log;

    UndertowProxy(Settings settings) {
        InetSocketAddress server = settings.server();
        LoadBalancingProxyClient client = new LoadBalancingProxyClient()
                .setConnectionsPerThread(Settings.CONNECTIONS)
                .setSoftMaxConnectionsPerThread(Settings.CONNECTIONS)
                .setTtl(Settings.IDLE_MILLIS)
                .addHost(
                        null,
                        URI.create("http://" + server.getHostString() + ":" + server.getPort()),
                        null,
                        null,
                        OptionMap.create(Options.TCP_NODELAY, true));
        HttpHandler handler = ProxyHandler.builder()
                .setProxyClient(client)
                .setNext(ResponseCodeHandler.HANDLE_404)
                .addRequestHeader(Headers.VIA, ExchangeAttributes.constant(Settings.VIA))
                .build();
        if (settings.accessLog() != null) {
            handler = logged(handler, settings.accessLog());
        }
        undertow = Undertow.builder()
                .addHttpListener(settings.port(), Settings.LOOPBACK)
                .setIoThreads(settings.threads())
                .setWorkerThreads(1)
                .setSocketOption(Options.TCP_NODELAY, true)
                .setSocketOption(Options.BACKLOG, Settings.BACKLOG)
                // The server's own are passed on.
                .setServerOption(UndertowOptions.ALWAYS_SET_DATE, false)
                .setServerOption(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false)
                .setHandler(handler)
                .build();
        undertow.start();
    }

    private HttpHandler logged(HttpHandler handler, Path file) {
        logWriter = Executors.newSingleThreadExecutor();
        log = DefaultAccessLogReceiver.builder()
                .setLogWriteExecutor(logWriter)
                .setOutputDirectory(file.toAbsolutePath().getParent())
                .setLogBaseName(file.getFileName().toString())
                .setLogNameSuffix("")
                .setRotate(false)
                .build();
        return new AccessLogHandler(handler, log, "combined", UndertowProxy.class.getClassLoader());
    }

    @Override
    public int port() {
        return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
    }

    @Override
    public void close() {
        undertow.stop();
        try {
            if (log != null && logWriter != null) {
                log.close();
                logWriter.shutdown();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
