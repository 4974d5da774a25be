package io.clb.engine;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What an engine runs on.
 *
 * @param transport the transport
 * @param threads how many event loops to make; of no meaning with a group
 * @param group the application's own event loops, which the engine uses and never ends; null to make some
 * @param clock the clock of loops and control
 * @param allocator where buffers come from
 */
public record EngineSetup(
        Transport transport, int threads, @Nullable EventLoopGroup group, Clock clock, ByteBufAllocator allocator) {

    /**
     * Netty's pooled allocator, not the adaptive one that it defaults to: reads of up to 256 KiB cost less with it (docs/benchmarks.md).
     */
    public static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    /**
     * A setup with the default allocator.
     *
     * @param transport the transport
     * @param threads how many event loops to make
     * @param group the application's own event loops, or null
     * @param clock the clock of loops and control
     */
    public EngineSetup(Transport transport, int threads, @Nullable EventLoopGroup group, Clock clock) {
        this(transport, threads, group, clock, ALLOCATOR);
    }

    Loop[] loops(Threads factory) {
        List<Loop> loops = new ArrayList<>();
        if (group != null) {
            for (EventExecutor executor : group) {
                loops.add(new Loop(loops.size(), (EventLoop) executor, clock, allocator));
            }
        } else {
            for (int i = 0; i < threads; i++) {
                String name = "loop-" + i;
                // Single loops, not a group: a group's end needs Netty's global executor, a thread that outlives it by
                // a second.
                ThreadFactory one = task -> factory.newLoopThread(name, task);
                loops.add(
                        new Loop(i, new SingleThreadIoEventLoop(null, one, transport.ioHandlers()), clock, allocator));
            }
        }
        return loops.toArray(Loop[]::new);
    }

    /** Ends loops that {@link #loops} made; returns when they have ended. */
    void end(Loop[] loops) {
        if (group != null) {
            return;
        }
        for (Loop loop : loops) {
            loop.eventLoop().shutdownGracefully(0, 0, TimeUnit.NANOSECONDS);
        }
        for (Loop loop : loops) {
            loop.eventLoop().terminationFuture().awaitUninterruptibly();
        }
    }
}
