package io.clb.ratelimit.redis;

import static java.util.Objects.requireNonNull;

import io.clb.spi.PermitBuckets;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultEventLoopGroupProvider;
import io.netty.util.HashedWheelTimer;
import io.netty.util.Timer;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries messages by publishing them on one channel of a Redis, {@code clb:NAME:reports} for a cluster called NAME, which all nodes subscribe to. Nothing is stored of that.
 *
 * <p>Where limits are leased it has buckets of permits too: one key for each limit, {@code clb:{NAME}:permits:LIMIT}, which goes when it is not used for some seconds. A script
 * does what is asked, by the clock of Redis. Asks fail like messages, when sixteen are unanswered.
 *
 * <p>A message is sent at once or dropped: without a connection, while Redis does not answer, and when eight are unanswered. A Redis that hangs is noticed within a
 * second. A connection that is lost is made anew after 0.25 s, then after twice as long each time, up to 5 s.
 */
public final class RedisTransport implements PermitBuckets {

    private static final long CLOSE_MILLIS = 2000;

    /** Commands that wait in Lettuce for a connection's socket; {@link RedisLink} has less under way. */
    private static final int MAX_QUEUE = 64;

    private final RedisSettings settings;
    private final String node;

    // written by whoever sends, read by any
    private final LongAdder dropped = new LongAdder();

    // written by whoever opens, read by any
    private volatile @Nullable Running running;

    private volatile boolean closed;

    /** What there is to end. */
    private record Running(
            RedisSession session,
            RedisClient client,
            ClientResources resources,
            DefaultEventLoopGroupProvider loops,
            EventExecutorGroup threads,
            Timer timer) {}

    /**
     * Makes one that is not open.
     *
     * @param settings where Redis is
     * @param node the name of this node, with which those of its threads begin
     */
    public RedisTransport(RedisSettings settings, String node) {
        this.settings = requireNonNull(settings, "settings");
        this.node = requireNonNull(node, "node");
    }

    @Override
    public void open(Receiver receiver) {
        requireNonNull(receiver, "receiver");
        if (running != null) {
            throw new IllegalStateException("open: called again (expected: once)");
        }
        Running started = start(receiver);
        running = started;
        started.session.start();
    }

    private Running start(Receiver receiver) {
        ThreadFactory factory = new DefaultThreadFactory(node + "-redis", true);
        DefaultEventLoopGroupProvider loops = new DefaultEventLoopGroupProvider(1, pool -> factory);
        EventExecutorGroup threads = new DefaultEventExecutorGroup(1, factory);
        Timer timer = new HashedWheelTimer(factory);
        ClientResources resources = ClientResources.builder()
                .eventLoopGroupProvider(loops)
                .eventExecutorGroup(threads)
                .timer(timer)
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .build();
        RedisClient client = RedisClient.create(resources);
        client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(MAX_QUEUE)
                .protocolVersion(ProtocolVersion.RESP2)
                .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(settings.connectTimeout())
                        .build())
                .build());
        RedisSession session = new RedisSession(client, settings, receiver, threads.next());
        return new Running(session, client, resources, loops, threads, timer);
    }

    @Override
    public void send(byte[] message) {
        Running now = running;
        if (closed || now == null || message.length > MAX_BYTES || !now.session.publish(message)) {
            dropped.increment();
        }
    }

    @Override
    public void ask(Ask ask, Consumer<@Nullable Answer> receiver) {
        Running now = running;
        if (closed || now == null || !now.session.ask(ask, receiver)) {
            receiver.accept(null);
        }
    }

    /**
     * Returns how many messages were not sent: there was no connection, or Redis did not answer those before.
     *
     * @return since it was made; any thread may ask
     */
    public long dropped() {
        return dropped.sum();
    }

    @Override
    public void close() {
        Running ending = running;
        if (closed || ending == null) {
            closed = true;
            return;
        }
        closed = true;
        ending.session.end();
        // on Lettuce's loop, behind what was sent before
        boolean interrupted = await(ending.client.shutdownAsync(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS), false);
        ending.timer.stop();
        interrupted = await(ending.threads.shutdownGracefully(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS), interrupted);
        interrupted = await(ending.loops.shutdown(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS), interrupted);
        interrupted = await(ending.resources.shutdown(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS), interrupted);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for a part to end, unless this thread is wanted elsewhere; returns whether it is. */
    private static boolean await(Future<?> end, boolean interrupted) {
        if (interrupted) {
            return true;
        }
        try {
            end.get(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
            return false;
        } catch (InterruptedException e) {
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return false; // the threads are daemons, and end with what they wait for
        }
    }
}
