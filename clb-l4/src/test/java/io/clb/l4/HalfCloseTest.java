package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One side has said all that it has to say, and the other has not. */
@ExtendWith(LeakCheck.class)
final class HalfCloseTest {

    private static final int MEBIBYTE = 1 << 20;
    private static final int ROUNDS = 40;

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aLongAnswerComesAfterTheClientsFin(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server.id()))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front").send("all there is").finish();
                Client accepted = server.accept()) {
            assertThat(accepted.readAll()).asString().isEqualTo("all there is");
            CompletableFuture<Long> sent = Beside.call(() -> {
                long sum = Bulk.send(accepted.socket().getOutputStream(), 8 * MEBIBYTE, 5);
                accepted.finish();
                return sum;
            });
            assertThat(Bulk.receive(client.socket().getInputStream())).isEqualTo(sent.get());
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aClientGoesOnSendingAfterTheServersFin(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server.id()))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front");
                Client accepted = server.accept().send("no more from me").finish()) {
            assertThat(client.readAll()).asString().isEqualTo("no more from me");
            CompletableFuture<Long> sent = Beside.call(() -> {
                long sum = Bulk.send(client.socket().getOutputStream(), 8 * MEBIBYTE, 6);
                client.finish();
                return sum;
            });
            assertThat(Bulk.receive(accepted.socket().getInputStream())).isEqualTo(sent.get());
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aLateReaderGetsAllThatWasSentBeforeAFin(NettyEngine engine) throws Exception {
        SplittableRandom sizes = new SplittableRandom(7);
        try (ManualServer server = new ManualServer();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server.id())).start()) {
            for (int round = 0; round < ROUNDS; round++) {
                int bytes = sizes.nextInt(1, 3 * MEBIBYTE);
                try (Client client = Client.to(lb, "front");
                        Client accepted = server.accept()) {
                    boolean down = round % 2 == 0;
                    assertThatAllArrives(down ? accepted : client, down ? client : accepted, bytes, round);
                }
            }
        }
    }

    /** Where the reader had sent its own FIN before, the writer's is the last of the connection. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aLateReaderThatHasFinishedGetsAllToo(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        SplittableRandom sizes = new SplittableRandom(8);
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server.id()))
                        .observer(seen)
                        .start()) {
            for (int round = 0; round < ROUNDS; round++) {
                int bytes = sizes.nextInt(1, 3 * MEBIBYTE);
                try (Client client = Client.to(lb, "front");
                        Client accepted = server.accept()) {
                    Client writer = round % 2 == 0 ? accepted : client;
                    Client reader = writer == client ? accepted : client;
                    reader.finish();
                    assertThat(writer.readAll()).isEmpty();
                    assertThatAllArrives(writer, reader, bytes, round);
                }
                assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            }
        }
    }

    /** The reader begins when the writer has handed over its last byte, or as much as the buffers on the way take. */
    private static void assertThatAllArrives(Client writer, Client reader, int bytes, int seed) throws Exception {
        CompletableFuture<Long> sent = Beside.call(() -> {
            long sum = Bulk.send(writer.socket().getOutputStream(), bytes, seed);
            writer.finish();
            return sum;
        });
        boolean fits = bytes < MEBIBYTE;
        if (fits) {
            sent.get();
        }
        long received = Bulk.receive(reader.socket().getInputStream());
        assertThat(received).isEqualTo(sent.get());
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void bothMayFinishAtOnce(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server.id()))
                        .observer(seen)
                        .start()) {
            for (int round = 0; round < ROUNDS; round++) {
                try (Client client = Client.to(lb, "front");
                        Client accepted = server.accept()) {
                    client.send("from the client").finish();
                    accepted.send("from the server").finish();
                    assertThat(client.readAll()).asString().isEqualTo("from the server");
                    assertThat(accepted.readAll()).asString().isEqualTo("from the client");
                }
                assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void whatIsSentBeforeTheServerAcceptsArrives(NettyEngine engine) throws Exception {
        try (ManualServer server = new ManualServer();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server.id())).start();
                Client client = Client.to(lb, "front").send("in a hurry").finish()) {
            try (Client accepted = server.accept()) {
                assertThat(accepted.readAll()).asString().isEqualTo("in a hurry");
                accepted.send("take your time").finish();
                assertThat(client.readAll()).asString().isEqualTo("take your time");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void whatIsSentAndFinishedBeforeAnyServerIsReachedArrives(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (HungServer hung = new HungServer();
                ManualServer server = new ManualServer();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(hung.id(), server.id()))
                                .serverGroup("servers", g -> g.scheduler(InOrder.of(hung.id(), server.id())))
                                .build());
                Client client = Client.to(lb, "front")) {
            long sum = Bulk.send(client.socket().getOutputStream(), 512 * 1_024, 8);
            client.finish();
            Balancers.awaitConnecting(lb, hung.id());
            clock.advance(Duration.ofSeconds(6));
            try (Client accepted = server.accept()) {
                assertThat(Bulk.receive(accepted.socket().getInputStream())).isEqualTo(sum);
                accepted.send("thanks").finish();
                assertThat(client.readAll()).asString().isEqualTo("thanks");
                assertThat(Balancers.server(lb, server.id()).bytesToServer()).isEqualTo(512 * 1_024);
                assertThat(Balancers.server(lb, hung.id()).bytesToServer()).isZero();
            }
        }
    }
}
