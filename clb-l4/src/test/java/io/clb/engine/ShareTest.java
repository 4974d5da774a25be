package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A share of a pool whose threads are the test. */
final class ShareTest {

    private final FakeClock clock = new FakeClock();
    private final Control control = new Control("share-test", clock, new Threads("share-test", true));
    private final BlockingQueue<Runnable> pool = new LinkedBlockingQueue<>();
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final Share share = new Share(control, this::add, 2);
    private final List<Integer> done = new ArrayList<>();

    private void add(Runnable task) {
        if (refusals.get() > 0) {
            refusals.decrementAndGet();
            refused.incrementAndGet();
            throw new RejectedExecutionException("full");
        }
        pool.add(task);
    }

    @BeforeEach
    void start() {
        control.start();
    }

    @AfterEach
    void end() throws InterruptedException {
        control.post(() -> control.end(() -> {}));
        control.thread().join();
    }

    private void executeFrom(int first, int end) {
        for (int i = first; i < end; i++) {
            int number = i;
            share.execute(() -> done.add(number));
        }
    }

    private Runnable next() throws Exception {
        Runnable task = pool.poll(10, TimeUnit.SECONDS);
        assertThat(task).isNotNull();
        return task;
    }

    /** Waits until control has done what it was given. */
    private void settle() {
        CompletableFuture<Void> settled = new CompletableFuture<>();
        control.post(() -> settled.complete(null));
        assertThat(settled).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void twoAreInThePoolAtATimeAndTheOthersFollowInOrder() throws Exception {
        executeFrom(0, 5);
        for (int i = 0; i < 5; i++) {
            settle();
            assertThat(pool).hasSize(Math.min(2, 5 - i));
            next().run();
        }
        assertThat(done).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void oneThatThrowsGivesItsThreadBack() throws Exception {
        for (int i = 0; i < 2; i++) {
            share.execute(() -> {
                throw new IllegalStateException("on purpose");
            });
        }
        executeFrom(0, 2);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(next()::run).hasMessage("on purpose");
        }
        next().run();
        next().run();
        assertThat(done).containsExactly(0, 1);
    }

    @Test
    void whatAFullPoolRefusesIsTriedAgainInOrder() throws Exception {
        refusals.set(2);
        executeFrom(0, 3);
        await().until(() -> refused.get() == 1);
        settle();
        clock.move(TimeUnit.SECONDS.toNanos(1));
        control.post(() -> {});
        await().until(() -> refused.get() == 2);
        settle();
        clock.move(TimeUnit.SECONDS.toNanos(1));
        control.post(() -> {});
        for (int i = 0; i < 3; i++) {
            next().run();
        }
        assertThat(done).containsExactly(0, 1, 2);
    }

    @Test
    void atItsBoundItRefusesUntilThereIsRoomAgain() throws Exception {
        int most = Share.MAX_WAITING;
        executeFrom(0, 2);
        settle();
        executeFrom(2, 2 + most);
        assertThatThrownBy(() -> share.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessage("1024 pieces of work of discoveries wait already");
        next().run();
        settle();
        executeFrom(2 + most, 3 + most);
        for (int i = 1; i < 3 + most; i++) {
            next().run();
        }
        assertThat(done).hasSize(3 + most).isSorted();
    }
}
