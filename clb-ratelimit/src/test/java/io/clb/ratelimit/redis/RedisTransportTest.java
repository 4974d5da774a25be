package io.clb.ratelimit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.contract.ClusterTransportContract;
import io.clb.spi.ClusterTransport;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Redis as what carries messages: a real one, on this host. */
class RedisTransportTest extends ClusterTransportContract {

    private static OneRedis redis;

    @BeforeAll
    static void startRedis() {
        redis = OneRedis.start();
    }

    @AfterAll
    static void endRedis() throws IOException {
        redis.close();
    }

    @Override
    protected RedisTransport node(int number) {
        return new RedisTransport(RedisSettings.of("test", redis.uri()), "clb-" + number);
    }

    @Test
    void aRedisThatIsStartedAgainIsUsedAgain() throws IOException {
        ClusterTransport first = node(0);
        Inbox firsts = opened(first);
        Inbox seconds = opened(node(1));
        carry(first, message(10), seconds);
        redis.kill();
        await().until(() -> !firsts.isConnected() && !seconds.isConnected());
        first.send(message(10));
        redis.restart();
        await().until(() -> firsts.isConnected() && seconds.isConnected());
        carry(first, message(10), seconds);
        assertThat(firsts.failures())
                .hasSize(1)
                .allMatch(why -> why.startsWith("Redis at 127.0.0.1:" + redis.port() + " "));
    }

    @Test
    void aRedisThatHangsIsNoticedAndHoldsNobodyUp() throws IOException, InterruptedException {
        RedisTransport first = node(0);
        Inbox firsts = opened(first);
        Inbox seconds = opened(node(1));
        carry(first, message(10), seconds);
        redis.freeze();
        try {
            // more than sockets hold, so that it would be noticed if somebody waited for that
            byte[] large = message(100_000);
            for (int i = 0; i < 1000; i++) {
                first.send(large);
            }
            assertThat(first.dropped()).isGreaterThan(900);
            await().until(() -> !firsts.isConnected());
            assertThat(firsts.failures()).containsExactly("Redis at 127.0.0.1:" + redis.port() + " does not answer");
        } finally {
            redis.thaw();
        }
        await().until(firsts::isConnected);
        carry(first, message(10), seconds);
    }

    @Test
    void aRedisThatIsNotThereIsTold() {
        Inbox inbox =
                opened(new RedisTransport(RedisSettings.of("test", OneRedis.uri(OneRedis.freePort())), "clb-alone"));
        await().until(() -> !inbox.failures().isEmpty());
        assertThat(inbox.failures().get(0)).contains("cannot be reached").doesNotContain(OneRedis.PASSWORD);
    }
}
