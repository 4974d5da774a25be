package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** A balancer on a clock that tests move, before a server that does nothing wrong, and clients in the middle of a request. */
final class ClientStage {

    /** What of a response no buffers on the way can hold. */
    static final int LARGE = 32 << 20;

    /** What a client reads of it now and then, which is less than it must. */
    static final int SIP = 1 << 20;

    /** Of a body that is not large; more than comes in drips. */
    private static final int SMALL = 9_999;

    private static final int PART = 8;
    private static final int BLOCK = 64 * 1_024;
    private static final int MIN_DATA_RATE = 1 << 20;

    private static final String PATIENT = "front";
    private static final String STRICT = "strict";

    /** How far a request has come. */
    enum Phase {
        /** A part of the head was sent. */
        HEAD,
        /** A part of the body was sent. */
        BODY,
        /** All was sent. */
        WAITING,
        /** A part of the response came. */
        RESPONSE;

        /** Whether a request of a kind has it. */
        boolean isOf(RequestKind kind) {
            return switch (this) {
                case HEAD, WAITING -> true;
                case BODY -> kind.hasBody();
                case RESPONSE -> kind != RequestKind.HEAD;
            };
        }
    }

    private final String transport;
    private final FakeClock clock = new FakeClock();
    private final EndedRequests ended = new EndedRequests();
    private final Semaphore answers = new Semaphore(0);
    private final ScriptedServer server = ScriptedServer.of(this::serve);
    private final LoadBalancer balancer;
    private String listener = PATIENT;

    ClientStage(String transport) {
        this.transport = transport;
        this.balancer = clock.start(
                transport,
                Balancers.http(server.id())
                        .observer(ended)
                        .listener(PATIENT, l -> l.persistentUpstream(false).cancelOnDisconnect(true))
                        .listener(
                                STRICT,
                                l -> l.http(0)
                                        .bind("127.0.0.1")
                                        .forwardTo("web")
                                        .persistentUpstream(false)
                                        .cancelOnDisconnect(true)
                                        .minDataRate(MIN_DATA_RATE))
                        .build());
    }

    private void serve(ScriptedServer.Connection connection) throws IOException {
        String head = connection.head();
        if (head.startsWith("POST /half ")) {
            connection.awaitEnd();
            return;
        }
        if (head.contains("\r\nContent-Length: " + RequestKind.UPLOAD_BYTES + "\r\n")) {
            for (int read = 0; read < RequestKind.UPLOAD_BYTES; read += BLOCK) {
                connection.read(BLOCK);
            }
        } else {
            RequestKind.readSmall(connection, head, SMALL);
        }
        if (head.contains(" /large ")) {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n");
            String block = "x".repeat(BLOCK);
            for (int sent = 0; sent < LARGE; sent += BLOCK) {
                connection.send(block);
            }
        } else {
            answers.acquireUninterruptibly();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + (head.startsWith("HEAD ") ? "" : "ok"));
        }
    }

    /** A client whose request has come as far as that, and no farther. */
    HttpClient bring(Phase phase, RequestKind kind) throws Exception {
        return bring(phase, kind, PATIENT);
    }

    /** Likewise, where clients must be fast. */
    HttpClient bringHurried(Phase phase, RequestKind kind) throws Exception {
        return bring(phase, kind, STRICT);
    }

    private HttpClient bring(Phase phase, RequestKind kind, String to) throws Exception {
        listener = to;
        HttpClient client = HttpClient.slowTo(balancer, to);
        switch (phase) {
            case HEAD -> {
                // The first response shows that what came with its request was read.
                answers.release();
                client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n"
                        + kind.head("/half", SMALL).replace("\r\n\r\n", "\r\nX"));
                assertThat(client.response().text()).isEqualTo("ok");
                assertThat(ended.next(client).reason()).isEqualTo(Reason.COMPLETED);
                server.heads().take();
                awaitRead();
            }
            case BODY -> {
                String begun = kind.head("/half", SMALL)
                        + (kind == RequestKind.CHUNKED ? kind.body(SMALL) : "x".repeat(SMALL)).substring(0, PART);
                long before = front().bytesFromClients();
                client.send(begun);
                FaultStage.soon().until(() -> front().bytesFromClients() - before == begun.length());
                server.heads().take();
            }
            case WAITING, RESPONSE -> {
                long before = front().bytesFromClients();
                String path = phase == Phase.WAITING ? "/waits" : "/large";
                kind.send(client, path, SMALL).join();
                server.heads().take();
                if (phase == Phase.RESPONSE) {
                    assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
                } else {
                    long body = kind == RequestKind.UPLOAD
                            ? RequestKind.UPLOAD_BYTES
                            : kind.body(SMALL).length();
                    long all = kind.head(path, SMALL).length() + body;
                    FaultStage.soon().until(() -> front().bytesFromClients() - before == all);
                }
            }
        }
        return client;
    }

    /** Waits until what a client has sent behind a request was read when that was answered. */
    void awaitRead() {
        balancer.update(c -> {});
    }

    /** Waits until nothing comes from the server any more, as the buffers on the way are full. */
    void awaitStill() {
        AtomicLong before = new AtomicLong();
        await().pollInterval(Balancers.STILL).until(() -> {
            long now = front().bytesFromServers();
            return before.getAndSet(now) == now && now > 0;
        });
    }

    /** Lets the server answer a request that waits. */
    void answer() {
        answers.release();
    }

    void advance(Duration by) {
        clock.advance(by);
    }

    EndedRequests ended() {
        return ended;
    }

    boolean hasEnded() {
        return ended.hasAny();
    }

    String server() {
        return server.id();
    }

    Snapshot.Listener front() {
        return balancer.snapshot().listener(listener);
    }

    /** Shows that nothing is left of a request when its client has gone, that the server has no blame, and that the next request is served. */
    void assertNothingLeft() throws Exception {
        FaultStage.soon().untilAsserted(() -> {
            assertThat(front().active()).as("clients").isZero();
            assertThat(Balancers.server(balancer, server.id()).active())
                    .as("requests on the server")
                    .isZero();
            assertThat(balancer.snapshot().bufferedBytes()).as("bytes held").isZero();
        });
        answers.release();
        FaultStage.soon()
                .untilAsserted(() -> assertThat(server.open())
                        .as("connections to the server")
                        .isZero());
        answers.drainPermits();
        assertThat(Balancers.server(balancer, server.id()).resets()).isZero();
        assertThat(Balancers.server(balancer, server.id()).connectFailures()).isZero();
        answers.release();
        try (HttpClient next = HttpClient.to(balancer, PATIENT)) {
            assertThat(next.get("/next").text()).isEqualTo("ok");
        }
        FaultStage.soon().until(() -> balancer.snapshot().listener(PATIENT).active() == 0 && server.open() == 0);
        server.heads().clear();
        server.ends().clear();
        ended.forget();
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
