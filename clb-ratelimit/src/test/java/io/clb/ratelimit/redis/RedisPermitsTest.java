package io.clb.ratelimit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.ratelimit.cluster.PermitPool;
import io.clb.ratelimit.jgroups.Deaf;
import io.clb.spi.PermitBuckets.Answer;
import io.clb.spi.PermitBuckets.Ask;
import io.clb.spi.PermitBuckets.Want;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Buckets of permits in a real Redis, on this host. */
class RedisPermitsTest {

    private static final int ASKS = 600;

    /** Asks follow each other by a fraction of a millisecond, so deposits and hunger come and go. */
    private static final long INTERVAL_MICROS = 4_000;

    private static final long LEASE_MICROS = 3_000;
    private static final long SECOND_MICROS = TimeUnit.SECONDS.toMicros(1);

    private OneRedis redis;
    private RedisTransport transport;

    @BeforeEach
    void open() {
        redis = OneRedis.start();
        transport = new RedisTransport(RedisSettings.of("test", redis.uri()), "clb-permits");
        transport.open(new Deaf());
        awaitRedis();
    }

    private void awaitRedis() {
        await().until(() -> ask(time(0)) != null);
    }

    @AfterEach
    void close() throws IOException {
        transport.close();
        redis.close();
    }

    private static Ask time(long sentMicros) {
        return new Ask("a", sentMicros, 1, SECOND_MICROS, SECOND_MICROS, List.of());
    }

    private static Ask all(String node, long sentMicros, String... limits) {
        List<Want> wants = IntStream.range(0, limits.length)
                .mapToObj(i -> new Want(limits[i], SECOND_MICROS))
                .toList();
        return new Ask(node, sentMicros, 1, SECOND_MICROS, SECOND_MICROS, wants);
    }

    private Answer ask(Ask ask) {
        CompletableFuture<Answer> answered = new CompletableFuture<>();
        transport.ask(ask, answered::complete);
        return answered.join();
    }

    private long now() {
        return ask(time(0)).nowMicros();
    }

    /** Of the same asks at the same times, the script grants what the pool does. */
    @ParameterizedTest
    @ValueSource(ints = {2, 5, 20})
    void theScriptGrantsWhatThePoolDoes(int nodes) {
        PermitPool pool = new PermitPool();
        Random random = new Random(nodes);
        long last = now();
        int refused = 0;
        int part = 0;
        for (int i = 0; i < ASKS; i++) {
            long sent = last + random.nextLong(-1_000, 300);
            long want = random.nextBoolean() ? 0 : random.nextLong(1, 2_000_000);
            Ask ask = new Ask(
                    "node-" + random.nextInt(nodes),
                    sent,
                    nodes,
                    INTERVAL_MICROS,
                    LEASE_MICROS,
                    List.of(new Want("x", want), new Want("y", 1_000)));
            Answer answer = ask(ask);
            assertThat(answer).as("ask %d: %s", i, ask).isEqualTo(pool.ask(ask, answer.nowMicros()));
            last = answer.nowMicros();
            refused += answer.granted().isEmpty() ? 1 : 0;
            part += !answer.granted().isEmpty()
                            && answer.granted().get(0) > 0
                            && answer.granted().get(0) < want
                    ? 1
                    : 0;
        }
        assertThat(refused).isBetween(1, ASKS / 2);
        assertThat(part).isGreaterThan(ASKS / 10);
    }

    @Test
    void aRedisThatDoesNotKnowTheScriptIsToldIt() throws IOException, InterruptedException {
        assertThat(ask(all("a", now(), "qps")).granted()).containsExactly(0L);
        redis.administer("SCRIPT", "FLUSH");
        assertThat(ask(all("a", now(), "qps")).granted().get(0)).isPositive();
    }

    @Test
    void aBucketIsAKeyThatGoesWhenItIsNotUsed() throws IOException, InterruptedException {
        ask(all("a", now(), "qps"));
        assertThat(redis.administer("KEYS", "*")).isEqualTo("clb:{test}:permits:qps");
        assertThat(Long.parseLong(redis.administer("PTTL", "clb:{test}:permits:qps")))
                .isBetween(1L, 3_000L);
    }

    @Test
    void whatAFrozenRedisDoesWhenItGoesOnGrantsNothing() throws IOException, InterruptedException {
        long sent = now();
        ask(all("a", sent, "qps"));
        redis.freeze();
        CompletableFuture<Answer> late = new CompletableFuture<>();
        try {
            Ask stale = new Ask("a", sent, 1, 1_000, SECOND_MICROS, List.of(new Want("qps", SECOND_MICROS)));
            transport.ask(stale, late::complete);
            for (int i = 0; i < 100; i++) {
                transport.ask(stale, answer -> {});
            }
            CompletableFuture<Answer> refused = new CompletableFuture<>();
            transport.ask(stale, refused::complete);
            assertThat(refused).as("one of many more").isCompletedWithValue(null);
            assertThat(late).isNotDone();
        } finally {
            redis.thaw();
        }
        await().until(late::isDone);
        assertThat(late.join().granted()).isEmpty();
    }

    @Test
    void aRedisThatIsGoneFailsAndANewOneHasEmptyBuckets() throws IOException {
        ask(all("a", now(), "qps"));
        redis.kill();
        await().until(() -> ask(time(0)) == null);
        redis.restart();
        awaitRedis();
        assertThat(ask(all("a", now(), "qps")).granted()).containsExactly(0L);
    }
}
