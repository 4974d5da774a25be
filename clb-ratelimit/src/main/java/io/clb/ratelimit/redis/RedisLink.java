package io.clb.ratelimit.redis;

import io.clb.spi.PermitBuckets.Answer;
import io.clb.spi.PermitBuckets.Ask;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.RedisPubSubListener;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Two connections to Redis, one that hears and one that says: before RESP3 a connection that has subscribed can say nothing. All but {@link #publish} and {@link #ask}
 * is called on the session's thread.
 */
final class RedisLink {

    /** So many publishes may be unanswered: with the largest message, 8 MiB wait here at most. */
    private static final int MAX_UNANSWERED = 8;

    /** So many asks may be; a node has one at a time, and gives it up after a while. */
    private static final int MAX_ASKS = 16;

    private static final byte[] NOTHING = {};

    private final CompletableFuture<StatefulRedisPubSubConnection<byte[], byte[]>> hearing;
    private final CompletableFuture<StatefulRedisConnection<byte[], byte[]>> saying;

    // written by whoever sends and by Lettuce's loop
    private final AtomicInteger unanswered = new AtomicInteger();
    private final AtomicInteger asks = new AtomicInteger();

    private CompletionStage<?> pulse = CompletableFuture.completedStage(null);

    /** Begins to connect. */
    RedisLink(RedisClient client, RedisURI uri) {
        hearing = client.connectPubSubAsync(ByteArrayCodec.INSTANCE, uri).toCompletableFuture();
        saying = client.connectAsync(ByteArrayCodec.INSTANCE, uri).toCompletableFuture();
    }

    /** Subscribes when it is connected; complete when Redis has confirmed it. */
    CompletionStage<?> subscribe(RedisPubSubListener<byte[], byte[]> listener, Executor executor, byte[]... channels) {
        return hearing.thenCombine(saying, (heard, said) -> heard)
                .thenComposeAsync(
                        heard -> {
                            heard.addListener(listener);
                            return heard.async().subscribe(channels);
                        },
                        executor);
    }

    /** Whether a connection is one of the two. */
    boolean has(RedisChannelHandler<?, ?> connection) {
        return connection == ended(hearing) || connection == ended(saying);
    }

    private static <T> @Nullable T ended(CompletableFuture<T> future) {
        return future.isDone() && !future.isCompletedExceptionally() ? future.join() : null;
    }

    /** Sends at once or not at all; any thread may call it. */
    boolean publish(byte[] channel, byte[] message) {
        StatefulRedisConnection<byte[], byte[]> connection = ended(saying);
        if (connection == null) {
            return false;
        }
        if (unanswered.incrementAndGet() > MAX_UNANSWERED) {
            unanswered.decrementAndGet();
            return false;
        }
        try {
            connection.async().publish(channel, message).whenComplete((heard, e) -> unanswered.decrementAndGet());
            return true;
        } catch (RuntimeException e) {
            unanswered.decrementAndGet(); // it is closing
            return false;
        }
    }

    /** Asks at once or not at all; any thread may call it. */
    boolean ask(String cluster, Ask ask, Consumer<@Nullable Answer> receiver) {
        StatefulRedisConnection<byte[], byte[]> connection = ended(saying);
        if (connection == null) {
            return false;
        }
        if (asks.incrementAndGet() > MAX_ASKS) {
            asks.decrementAndGet();
            return false;
        }
        try {
            PermitScript.run(connection.async(), cluster, ask).whenComplete((answer, e) -> {
                asks.decrementAndGet();
                receiver.accept(answer);
            });
            return true;
        } catch (RuntimeException e) {
            asks.decrementAndGet(); // it is closing
            return false;
        }
    }

    /** Sends an empty message to a channel that this link hears itself, unless the one before is unanswered. */
    void pulse(byte[] channel) {
        StatefulRedisConnection<byte[], byte[]> connection = ended(saying);
        if (connection == null || !pulse.toCompletableFuture().isDone()) {
            return;
        }
        try {
            pulse = connection.async().publish(channel, NOTHING);
        } catch (RuntimeException e) {
            pulse = CompletableFuture.failedStage(e); // it is closing
        }
    }

    /** Closes both, or as soon as they are there. */
    void close() {
        close(hearing);
        close(saying);
    }

    private static void close(CompletionStage<? extends StatefulConnection<?, ?>> connection) {
        connection.whenComplete((made, failure) -> {
            if (failure == null) {
                CompletableFuture<Void> unused = made.closeAsync();
            }
        });
    }
}
