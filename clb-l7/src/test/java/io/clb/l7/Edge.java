package io.clb.l7;

import io.clb.HealthCheck;
import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A balancer with an HTTP listener {@code front} before a server of its own, for many cases one after the other.
 *
 * @param <S> what the server is
 */
final class Edge<S extends AutoCloseable> {

    /** The lines that a server gets about a client of the tests. */
    static final String FORWARDED = "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nVia: 1.1 clb\r\n";

    private final String transport;
    private final S server;
    private final EndedRequests ended = new EndedRequests();
    private final LoadBalancer balancer;

    private Edge(NettyEngine engine, S server, String id, Consumer<ListenerConfig.Builder> settings) {
        this.transport = engine.toString();
        this.server = server;
        this.balancer = LoadBalancer.builder()
                .name("test")
                .engine(engine)
                .observer(ended)
                .serverGroup("web", g -> g.healthCheck(HealthCheck.none()).server(id))
                .listener(
                        "front",
                        l -> settings.accept(l.http(0).bind("127.0.0.1").forwardTo("web")))
                .start();
    }

    /** One for each transport, on one loop: what it did for one request comes before what it does for the next. */
    static <S extends AutoCloseable> List<Edge<S>> all(Supplier<S> servers, Function<S, String> id) {
        return Stream.of(NettyEngine.epoll().threads(1), NettyEngine.nio().threads(1))
                .map(engine -> {
                    S server = servers.get();
                    return on(engine, server, id, settings -> {});
                })
                .toList();
    }

    /** One with settings of its own. */
    static <S extends AutoCloseable> Edge<S> on(
            NettyEngine engine, S server, Function<S, String> id, Consumer<ListenerConfig.Builder> settings) {
        return new Edge<>(engine, server, id.apply(server), settings);
    }

    HttpClient client() throws Exception {
        return HttpClient.to(balancer, "front");
    }

    S server() {
        return server;
    }

    EndedRequests ended() {
        return ended;
    }

    /** How many requests have ended for a reason. */
    long count(Reason reason) {
        return balancer.snapshot().listener("front").ended().getOrDefault(reason, 0L);
    }

    /** How many requests came in. */
    long requests() {
        return balancer.snapshot().listener("front").requests();
    }

    /** Not {@code close}: whoever runs the cases would close it after the first. */
    void stop() {
        balancer.close();
        try {
            server.close();
        } catch (Exception e) {
            throw new AssertionError("a server does not close", e);
        }
    }

    @Override
    public String toString() {
        return transport;
    }
}
