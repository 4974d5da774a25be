package io.clb.engine;

import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control thread: runs what others put into its inbox, and what it planned for later, one after the other.
 *
 * <p>The inbox needs no cap of its own, as those who write to it are bounded: at most one result for each probe, one note for each loop and for
 * each discovery, whose plans and work are capped where they come in, and one command for each thread of the application's that waits for it (as are updates that nobody
 * waits for).
 */
final class Control implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Control.class);
    private static final int CHUNK = 64;

    private final String balancer;
    private final Clock clock;
    private final Thread thread;
    private final Queue<Runnable> inbox = new MpscUnboundedAtomicArrayQueue<>(CHUNK);
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private @Nullable Runnable last;
    private long planned;

    // written by control; read by those who post
    private volatile boolean ended;

    /** Something planned for later; those of the same moment in the order of planning. */
    static final class Timer implements Comparable<Timer> {

        private final long atNanos;
        private final long number;
        private final Runnable task;

        Timer(long atNanos, long number, Runnable task) {
            this.atNanos = atNanos;
            this.number = number;
            this.task = task;
        }

        @Override
        public int compareTo(Timer other) {
            long difference = atNanos - other.atNanos;
            return difference == 0 ? Long.compare(number, other.number) : Long.signum(difference);
        }
    }

    Control(String balancer, Clock clock, Threads threads) {
        this.balancer = balancer;
        this.clock = clock;
        this.thread = threads.newThread("control", this);
    }

    void start() {
        thread.start();
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    Thread thread() {
        return thread;
    }

    /**
     * Puts a task into the inbox. Any thread.
     *
     * @return false if the thread has ended, and the task may never run
     */
    boolean post(Runnable task) {
        inbox.add(task);
        LockSupport.unpark(thread);
        return !ended;
    }

    /** Plans a task. Control only. */
    Timer later(long delayNanos, Runnable task) {
        Timer timer = new Timer(clock.nanoTime() + delayNanos, planned++, task);
        timers.add(timer);
        return timer;
    }

    /** Takes back what was planned, unless it has run already. Control only. */
    void cancel(Timer timer) {
        timers.remove(timer);
    }

    long nowNanos() {
        return clock.nanoTime();
    }

    /** Ends the thread; {@code finalTask} is the last thing it does. Control only. */
    void end(Runnable finalTask) {
        last = finalTask;
    }

    @Override
    public void run() {
        while (last == null) {
            Runnable task = inbox.poll();
            if (task != null) {
                run(task);
            } else if (!runDueTimer()) {
                park();
            }
        }
        run(last);
        ended = true;
        // What was posted before that is seen here; whoever posts after it sees the word.
        for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
            run(task);
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: a task of the control thread failed", balancer, e);
        }
    }

    private boolean runDueTimer() {
        Timer next = timers.peek();
        if (next == null || next.atNanos - clock.nanoTime() > 0) {
            return false;
        }
        timers.remove();
        run(next.task);
        return true;
    }

    private void park() {
        Timer next = timers.peek();
        if (next == null) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, Math.max(1, next.atNanos - clock.nanoTime()));
        }
    }
}
