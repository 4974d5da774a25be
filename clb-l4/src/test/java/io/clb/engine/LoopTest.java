package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A loop's clock and timeouts, on a real event loop. */
final class LoopTest {

    private final Threads threads = new Threads("loop-test", true);
    private final ThreadFactory factory = task -> threads.newLoopThread("loop", task);
    private final SingleThreadIoEventLoop eventLoop =
            new SingleThreadIoEventLoop(null, factory, NioIoHandler.newFactory());
    private final BlockingQueue<String> done = new LinkedBlockingQueue<>();

    @AfterEach
    void end() {
        eventLoop.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS).awaitUninterruptibly();
    }

    private static <T> T on(Loop loop, Supplier<T> task) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                result.complete(task.get());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        return result.get(10, TimeUnit.SECONDS);
    }

    private final class Note extends Timeout {

        private final String text;

        Note(String text) {
            this.text = text;
        }

        @Override
        protected void expired(long nowNanos) {
            done.add(text);
        }
    }

    @Test
    void theClockIsReadOnceInEachTurn() throws Exception {
        AtomicLong clock = new AtomicLong();
        Loop loop = new Loop(0, eventLoop, clock::incrementAndGet, EngineSetup.ALLOCATOR);
        List<Long> first = on(loop, () -> List.of(loop.nowNanos(), loop.nowNanos(), loop.nowNanos()));
        assertThat(first).containsOnly(first.get(0));
        // The next task may be in the same turn still.
        await().until(() -> on(loop, loop::nowNanos) > first.get(0));
    }

    @Test
    void timeoutsExpireOnTheRealClock() throws Exception {
        Loop loop = new Loop(0, eventLoop, Clock.SYSTEM, EngineSetup.ALLOCATOR);
        long begun = System.nanoTime();
        on(loop, () -> {
            Note cancelled = new Note("cancelled");
            loop.arm(new Note("second"), loop.nowNanos() + TimeUnit.MILLISECONDS.toNanos(40));
            loop.arm(cancelled, loop.nowNanos() + TimeUnit.MILLISECONDS.toNanos(30));
            loop.arm(new Note("first"), loop.nowNanos() + TimeUnit.MILLISECONDS.toNanos(20));
            loop.cancel(cancelled);
            return null;
        });
        assertThat(done.poll(10, TimeUnit.SECONDS)).isEqualTo("first");
        assertThat(done.poll(10, TimeUnit.SECONDS)).isEqualTo("second");
        assertThat(System.nanoTime() - begun).as("not early").isGreaterThan(TimeUnit.MILLISECONDS.toNanos(40));
        assertThat(done).isEmpty();
    }

    @Test
    void aLoopThatWasStoppedExpiresNothingAnyMore() throws Exception {
        Loop loop = new Loop(0, eventLoop, Clock.SYSTEM, EngineSetup.ALLOCATOR);
        on(loop, () -> {
            loop.arm(new Note("never"), loop.nowNanos() + TimeUnit.MILLISECONDS.toNanos(20));
            loop.stop();
            loop.arm(new Note("never either"), loop.nowNanos());
            return null;
        });
        eventLoop.schedule(() -> done.add("later"), 60, TimeUnit.MILLISECONDS);
        assertThat(done.poll(10, TimeUnit.SECONDS)).isEqualTo("later");
    }

    @Test
    void aTaskForAnEndedLoopIsDropped() {
        Loop loop = new Loop(0, eventLoop, Clock.SYSTEM, EngineSetup.ALLOCATOR);
        end();
        assertThat(loop.execute(() -> done.add("never"))).isFalse();
        assertThat(done).isEmpty();
    }
}
