package io.clb.peers;

import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.proxy.ProxyHandler;
import org.eclipse.jetty.server.AsyncRequestLogWriter;
import org.eclipse.jetty.server.CustomRequestLog;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Jetty's {@link ProxyHandler.Reverse}. Selectors of the listener accept too and run the handler, which does not block; the client has as many selectors of its
 * own, in the same pool. There is no native epoll: Jetty uses the JDK's selectors.
 */
final class JettyProxy implements Proxy {

    /** Threads beside the selectors: what has to run while one of those is busy. */
    private static final int MORE_THREADS = 6;

    private final Server server;
    private final ServerConnector connector;

    JettyProxy(Settings settings) {
        QueuedThreadPool pool = new QueuedThreadPool(2 * settings.threads() + MORE_THREADS);
        server = new Server(pool);
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(false);
        connector = new ServerConnector(server, 0, settings.threads(), new HttpConnectionFactory(configuration));
        connector.setHost(Settings.LOOPBACK);
        connector.setPort(settings.port());
        connector.setAcceptQueueSize(Settings.BACKLOG);
        connector.setIdleTimeout(Settings.IDLE_MILLIS);
        server.addConnector(connector);
        server.setHandler(new Reverse(settings.server(), settings.threads(), pool));
        if (settings.accessLog() != null) {
            server.setRequestLog(new CustomRequestLog(
                    new AsyncRequestLogWriter(settings.accessLog().toString()), CustomRequestLog.EXTENDED_NCSA_FORMAT));
        }
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException("Jetty does not start", e);
        }
    }

    @Override
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Jetty does not end", e);
        }
    }

    private static final class Reverse extends ProxyHandler.Reverse {
        private static final HttpField PROTO = new PreEncodedHttpField(HttpHeader.X_FORWARDED_PROTO, "http");
        private static final HttpField VIA = new PreEncodedHttpField(HttpHeader.VIA, Settings.VIA);

        private final int selectors;
        private final Executor executor;

        Reverse(InetSocketAddress server, int selectors, Executor executor) {
            super(request -> HttpURI.build(request.getHttpURI()).authority(server.getHostString(), server.getPort()));
            this.selectors = selectors;
            this.executor = executor;
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }

        @Override
        protected HttpClient newHttpClient() {
            ClientConnector connector = new ClientConnector();
            connector.setSelectors(selectors);
            connector.setExecutor(executor);
            return new HttpClient(new HttpClientTransportOverHTTP(connector));
        }

        @Override
        protected void configureHttpClient(HttpClient client) {
            super.configureHttpClient(client);
            client.setMaxConnectionsPerDestination(selectors * Settings.CONNECTIONS);
            client.setMaxRequestsQueuedPerDestination(selectors * Settings.CONNECTIONS);
            client.setIdleTimeout(Settings.IDLE_MILLIS);
            client.setUserAgentField(null);
        }

        @Override
        protected void addProxyHeaders(Request from, org.eclipse.jetty.client.Request to) {
            to.headers(headers -> headers.put(HttpHeader.X_FORWARDED_FOR, Request.getRemoteAddr(from))
                    .put(PROTO)
                    .add(VIA));
        }
    }
}
