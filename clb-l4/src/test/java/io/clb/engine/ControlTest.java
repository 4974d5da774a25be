package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The control thread: one thing after the other. */
final class ControlTest {

    private final FakeClock clock = new FakeClock();
    private final Control control = new Control("control-test", clock, new Threads("control-test", true));
    private final BlockingQueue<String> done = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() {
        control.start();
    }

    @AfterEach
    void end() throws InterruptedException {
        control.post(() -> control.end(() -> {}));
        control.thread().join();
    }

    private String next() throws InterruptedException {
        return String.valueOf(done.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void tasksRunInTheOrderOfPosting() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            String number = Integer.toString(i);
            assertThat(control.post(() -> done.add(number))).isTrue();
        }
        for (int i = 0; i < 1_000; i++) {
            assertThat(next()).isEqualTo(Integer.toString(i));
        }
    }

    @Test
    void tasksRunOnItsOwnThread() throws Exception {
        control.post(() -> done.add(Thread.currentThread().getName() + " " + control.isCurrentThread()));
        assertThat(next()).isEqualTo("control-test-control true");
        assertThat(control.isCurrentThread()).isFalse();
    }

    @Test
    void plannedTasksRunInTheOrderOfTheirTimeThenOfPlanning() throws Exception {
        control.post(() -> {
            control.later(30, () -> done.add("thirty"));
            control.later(10, () -> done.add("ten"));
            control.later(20, () -> done.add("twenty"));
            control.later(20, () -> done.add("twenty again"));
            done.add("planned");
        });
        assertThat(next()).isEqualTo("planned");
        clock.move(9);
        control.post(() -> done.add("nothing is due at nine"));
        assertThat(next()).isEqualTo("nothing is due at nine");
        clock.move(91);
        control.post(() -> {});
        assertThat(List.of(next(), next(), next(), next())).containsExactly("ten", "twenty", "twenty again", "thirty");
    }

    @Test
    void whatIsTakenBackDoesNotRun() throws Exception {
        control.post(() -> {
            Control.Timer cancelled = control.later(10, () -> done.add("taken back"));
            Control.Timer run = control.later(10, () -> done.add("ten"));
            control.later(20, () -> {
                control.cancel(run);
                done.add("twenty");
            });
            control.cancel(cancelled);
            done.add("planned");
        });
        assertThat(next()).isEqualTo("planned");
        clock.move(20);
        control.post(() -> {});
        assertThat(List.of(next(), next())).containsExactly("ten", "twenty");
        assertThat(done).isEmpty();
    }

    @Test
    void aTaskThatThrowsHarmsNobody() throws Exception {
        control.post(() -> {
            throw new IllegalStateException("on purpose");
        });
        control.post(() -> {
            throw new AssertionError("on purpose");
        });
        control.post(() -> {
            control.later(0, () -> {
                throw new IllegalStateException("on purpose, later");
            });
            control.later(0, () -> done.add("alive"));
        });
        assertThat(next()).isEqualTo("alive");
    }

    @Test
    void afterTheEndNothingIsTakenInAndNothingIsForgotten() throws Exception {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        control.post(() -> {
            control.end(() -> {
                done.add("last");
                ended.complete(null);
            });
            control.post(() -> done.add("posted before the end"));
        });
        ended.get(10, TimeUnit.SECONDS);
        control.thread().join();
        assertThat(done).containsExactly("last", "posted before the end");
        assertThat(control.post(() -> done.add("never"))).isFalse();
        assertThat(done).hasSize(2);
        await().until(() -> !control.thread().isAlive());
    }
}
