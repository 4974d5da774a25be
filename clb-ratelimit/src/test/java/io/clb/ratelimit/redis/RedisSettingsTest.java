package io.clb.ratelimit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Mistakes are told before anything is opened, and no password ever. */
class RedisSettingsTest {

    private static final RedisSettings SOUND = RedisSettings.of("test", "rediss://user:hidden@cache.test:6380");

    private static void isRefused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith(message);
    }

    @Test
    void whatIsOutOfItsRangeIsRefused() {
        isRefused(() -> RedisSettings.of("a b", "redis://h"), "cluster: a b (expected: 1 to 60 letters");
        isRefused(
                () -> SOUND.connectTimeout(Duration.ofSeconds(11)), "connectTimeout: PT11S (expected: 50 ms to 10 s)");
        isRefused(() -> RedisSettings.of("a", "http://:hidden@h"), "uri: (not shown) (expected: redis://");
    }

    @Test
    void thePasswordIsNotShown() {
        assertThat(SOUND.toString()).contains("Redis at cache.test:6380").doesNotContain("hidden");
        assertThat(SOUND.place()).isEqualTo("Redis at cache.test:6380");
        assertThat(RedisSettings.of("a", "redis-sentinel://:hidden@h:26379#main")
                        .place())
                .isEqualTo("Redis main of the Sentinels");
    }
}
