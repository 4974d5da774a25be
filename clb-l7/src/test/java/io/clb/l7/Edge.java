package io.clb.l7;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.util.List;
import java.util.stream.Stream;

/** A balancer with an HTTP listener {@code front} before a {@link StrictServer}, for many cases one after the other. */
final class Edge {

    /** The lines that a server gets about a client of the tests. */
    static final String FORWARDED = "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nVia: 1.1 clb\r\n";

    private final String transport;
    private final StrictServer server = new StrictServer();
    private final EndedRequests ended = new EndedRequests();
    private final LoadBalancer balancer;

    private Edge(NettyEngine engine) {
        transport = engine.toString();
        balancer = LoadBalancer.builder()
                .name("test")
                .engine(engine)
                .observer(ended)
                .serverGroup("web", g -> g.healthCheck(HealthCheck.none()).server(server.id()))
                .listener("front", l -> l.http(0).bind("127.0.0.1").forwardTo("web"))
                .start();
    }

    /** One for each transport. */
    static List<Edge> all() {
        return Stream.of(NettyEngine.epoll().threads(1), NettyEngine.nio().threads(1))
                .map(Edge::new)
                .toList();
    }

    HttpClient client() throws Exception {
        return HttpClient.to(balancer, "front");
    }

    StrictServer server() {
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
        server.close();
    }

    @Override
    public String toString() {
        return transport;
    }
}
