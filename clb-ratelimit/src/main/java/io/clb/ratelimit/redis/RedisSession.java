package io.clb.ratelimit.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clb.spi.ClusterTransport.Receiver;
import io.clb.spi.PermitBuckets.Answer;
import io.clb.spi.PermitBuckets.Ask;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.netty.util.concurrent.EventExecutor;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a link to Redis, and makes a new one when it is lost. Confined to its thread but for what is said otherwise.
 *
 * <p>Four times a second it sends a pulse to itself through Redis, over both connections: what is published and what is heard is known to work while that comes
 * back. A pulse counts turns of this thread, not time, so that a pause of this JVM, after which what came in it is read first, is not blamed on Redis.
 */
final class RedisSession extends RedisPubSubAdapter<byte[], byte[]> implements RedisConnectionStateListener {

    private static final long TURN_MILLIS = 250;

    /** Then others are told: within a second. */
    private static final int SILENT_TURNS = 3;

    /** Then it is worth a new connection, as the host may be gone without a word: 5 s. */
    private static final int LOST_TURNS = 20;

    private static final int MOST_REST_TURNS = 20;

    private final RedisClient client;
    private final RedisURI uri;
    private final String place;
    private final String cluster;
    private final Receiver receiver;
    private final EventExecutor thread;
    private final byte[] reports;
    private final byte[] pulses;

    /** Held while the receiver is called. */
    private final Object turn = new Object();

    // guarded by turn
    private boolean told;
    private boolean connected;

    // written by whoever closes, read by this thread and Lettuce's loop
    private volatile boolean ended;

    // written by this thread, read by whoever sends: what can be sent over now
    private volatile @Nullable RedisLink up;

    // turns since a pulse came back: counted by this thread, set by Lettuce's loop
    private final AtomicInteger silent = new AtomicInteger();

    // written by whoever opens, read by whoever closes
    private volatile @Nullable Future<?> turns;

    private @Nullable RedisLink link;
    private boolean subscribed;
    private int rest;
    private int nextRest = 1;

    RedisSession(RedisClient client, RedisSettings settings, Receiver receiver, EventExecutor thread) {
        this.client = client;
        this.uri = RedisURI.create(settings.uri());
        this.place = settings.place();
        this.cluster = settings.cluster();
        this.receiver = receiver;
        this.thread = thread;
        this.reports = ("clb:" + settings.cluster() + ":reports").getBytes(UTF_8);
        this.pulses = ("clb:" + settings.cluster() + ":pulse:" + UUID.randomUUID()).getBytes(UTF_8);
    }

    void start() {
        client.addListener(this);
        turns = thread.scheduleWithFixedDelay(this::takeTurn, 0, TURN_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Any thread. */
    void end() {
        ended = true;
        up = null;
        Future<?> planned = turns;
        if (planned != null) {
            planned.cancel(false);
        }
    }

    /** Any thread: sends at once or not at all. */
    boolean publish(byte[] message) {
        RedisLink now = up;
        return now != null && now.publish(reports, message);
    }

    /** Any thread: asks at once or not at all. */
    boolean ask(Ask ask, Consumer<@Nullable Answer> receiver) {
        RedisLink now = up;
        return now != null && now.ask(cluster, ask, receiver);
    }

    private void takeTurn() {
        RedisLink now = link;
        if (now == null) {
            if (--rest < 0) {
                connect();
            }
            return;
        }
        int passed = silent.incrementAndGet();
        if (passed > LOST_TURNS) {
            lose(now, "does not answer");
        } else {
            if (passed > SILENT_TURNS && subscribed) {
                up = null;
                tell(false, "does not answer");
            }
            if (subscribed) {
                now.pulse(pulses);
            }
        }
    }

    private void connect() {
        RedisLink made;
        try {
            made = new RedisLink(client, uri);
        } catch (RuntimeException e) {
            restAndTell("cannot be reached: " + reason(e)); // not even begun, such as for a Sentinel that is no host
            return;
        }
        link = made;
        subscribed = false;
        silent.set(0);
        made.subscribe(this, thread, reports, pulses)
                .whenCompleteAsync((done, failure) -> hasSubscribed(made, failure), thread);
    }

    private void hasSubscribed(RedisLink of, @Nullable Throwable failure) {
        if (of != link) {
            return;
        }
        if (failure == null) {
            subscribed = true;
            of.pulse(pulses);
        } else {
            lose(of, "cannot be reached: " + reason(failure));
        }
    }

    private void lose(RedisLink lost, String why) {
        up = null;
        link = null;
        lost.close();
        restAndTell(why);
    }

    private void restAndTell(String why) {
        rest = nextRest;
        nextRest = Math.min(2 * nextRest, MOST_REST_TURNS);
        tell(false, why);
    }

    /** A pulse has come back over the link. */
    private void isUp() {
        RedisLink now = link;
        if (now != null && subscribed && !ended) {
            up = now;
            nextRest = 1;
            tell(true, "");
        }
    }

    /** On Lettuce's loop. */
    @Override
    public void message(byte[] channel, byte[] message) {
        if (Arrays.equals(channel, reports)) {
            synchronized (turn) {
                if (!ended) {
                    receiver.received(message);
                }
            }
        } else {
            silent.set(0);
            if (up == null && !ended) {
                thread.execute(this::isUp);
            }
        }
    }

    /** On Lettuce's loop. */
    @Override
    public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
        if (ended) {
            return;
        }
        thread.execute(() -> {
            RedisLink now = link;
            if (now != null && now.has(connection)) {
                lose(now, "has closed the connection");
            }
        });
    }

    private void tell(boolean now, String why) {
        synchronized (turn) {
            if (ended || (told && now == connected)) {
                return;
            }
            told = true;
            connected = now;
            if (now) {
                receiver.connected();
            } else {
                receiver.disconnected(place + " " + why);
            }
        }
    }

    /** What Lettuce wraps says less than what it was. */
    private static String reason(Throwable e) {
        Throwable first = e;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        String message = first.getMessage();
        return message == null ? first.getClass().getSimpleName() : message;
    }
}
