package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.ConfigException;
import io.clb.Snapshot;
import io.clb.spi.DiscoveredServer;
import io.clb.spi.DiscoveryRun;
import io.clb.spi.ServerDiscovery;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The discovery of a group at run time: what it may use, what it told last, and what of that counts. What the SPI has is for any thread, the rest control's.
 *
 * <p>Reports go through a mailbox that has room for one, the last: however many come, control has one note of them in its inbox.
 */
final class RunDiscovery implements DiscoveryRun {

    private static final Logger LOG = LoggerFactory.getLogger(RunDiscovery.class);

    /** Entries of a list that are looked at: one more than a balancer has room for. */
    private static final int MAX_ENTRIES = 1 << 16;

    /** Pieces of work that wait for their time. Not measured: one is what most discoveries need. */
    private static final int MAX_WAITING = 64;

    private static final Duration MAX_DELAY = Duration.ofDays(1);

    /** Until work is tried again for which no thread was free. */
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String balancer;
    private final String group;
    private final ServerDiscovery discovery;
    private final String name;
    private final Control control;
    private final Executor blocking;
    private final Observers observers;
    private final Runnable note;
    private final CompletableFuture<Void> judged = new CompletableFuture<>();

    // filled by any thread; emptied by control
    private final AtomicReference<@Nullable Report> mailbox = new AtomicReference<>();

    // stepped by any thread
    private final AtomicInteger waiting = new AtomicInteger();

    // written by control; read by any thread
    private volatile boolean ended;
    private volatile State state;

    // control only
    private final Set<Work> planned = new HashSet<>();
    private List<DiscoveredServer> accepted;
    private List<DiscoveredServer> inForce;
    private boolean fresh;
    private @Nullable AutoCloseable running;
    private @Nullable String told;

    /** What came in: servers, or why there are none. */
    record Report(List<DiscoveredServer> all, @Nullable String failure) {}

    private record State(
            String name,
            int found,
            int refused,
            @Nullable Instant accepted,
            @Nullable String failure,
            long failures) implements Snapshot.Discovery {

        State failed(String why) {
            return new State(name, found, refused, accepted, why, failures + 1);
        }

        State works(Instant now) {
            return new State(name, found, refused, now, null, failures);
        }

        State counted(int all, int leftOut) {
            return new State(name, all - leftOut, leftOut, accepted, failure, failures);
        }
    }

    /** What is planned. */
    private final class Work implements Runnable {

        private final Runnable task;
        private Control.@Nullable Timer timer;

        Work(Runnable task) {
            this.task = task;
        }

        void plan(long delayNanos) {
            planned.add(this);
            timer = control.later(delayNanos, this);
        }

        void cancel() {
            if (timer != null) {
                control.cancel(timer);
            }
        }

        @Override
        public void run() {
            planned.remove(this);
            // Before it runs, as it may plan more.
            waiting.decrementAndGet();
            try {
                blocking().execute(task);
            } catch (RejectedExecutionException e) {
                waiting.incrementAndGet();
                plan(RETRY_NANOS);
            }
        }
    }

    /**
     * Makes one that is not started.
     *
     * @param before what holds until its first list
     * @param note posted to control when there is a report
     */
    RunDiscovery(
            String balancer,
            String group,
            ServerDiscovery discovery,
            List<DiscoveredServer> before,
            Control control,
            Executor blocking,
            Observers observers,
            Runnable note) {
        this.balancer = balancer;
        this.group = group;
        this.discovery = discovery;
        this.accepted = before;
        this.inForce = before;
        this.control = control;
        this.blocking = blocking;
        this.observers = observers;
        this.note = note;
        this.name = nameOf(discovery, observers);
        this.state = new State(name, before.size(), 0, null, null, 0);
    }

    private static String nameOf(ServerDiscovery discovery, Observers observers) {
        try {
            return requireNonNull(discovery.name(), "name");
        } catch (RuntimeException | Error e) {
            observers.report(discovery, e);
            return discovery.getClass().getSimpleName();
        }
    }

    @Override
    public String group() {
        return group;
    }

    @Override
    public void found(List<DiscoveredServer> all) {
        requireNonNull(all, "all");
        report(new Report(new ArrayList<>(all.subList(0, Math.min(all.size(), MAX_ENTRIES))), null));
    }

    @Override
    public void failed(String why) {
        report(new Report(List.of(), requireNonNull(why, "why")));
    }

    private void report(Report report) {
        if (!ended && mailbox.getAndSet(report) == null) {
            control.post(note);
        }
    }

    @Override
    public Executor blocking() {
        return this::execute;
    }

    private void execute(Runnable task) {
        requireNonNull(task, "task");
        if (ended) {
            return;
        }
        blocking.execute(() -> {
            if (ended) {
                return;
            }
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                threw(e);
            }
        });
    }

    private void threw(Throwable thrown) {
        if (!ended) {
            observers.report(discovery, thrown);
            failed("it threw " + thrown);
        }
    }

    @Override
    public void later(Duration delay, Runnable work) {
        requireNonNull(work, "work");
        if (requireNonNull(delay, "delay").isNegative() || delay.compareTo(MAX_DELAY) > 0) {
            throw new IllegalArgumentException("delay: " + delay + " (expected: 0 s to 1 day)");
        }
        if (ended) {
            return;
        }
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            throw new RejectedExecutionException(
                    "group " + group + ": discovery " + name + ": " + MAX_WAITING + " pieces of work wait already");
        }
        control.post(() -> {
            if (!ended) {
                new Work(work).plan(delay.toNanos());
            }
        });
    }

    /** Starts it, unless it runs. Control only, and so is all that follows. */
    void start() {
        if (running != null) {
            return;
        }
        try {
            running = requireNonNull(discovery.start(this), "start returned null");
        } catch (RuntimeException | Error e) {
            threw(e);
        }
    }

    void end() {
        if (ended) {
            return;
        }
        ended = true;
        mailbox.set(null);
        planned.forEach(Work::cancel);
        planned.clear();
        judged.complete(null);
        try {
            if (running != null) {
                running.close();
            }
        } catch (Exception | Error e) {
            observers.report(discovery, e);
        }
    }

    boolean isOf(ServerDiscovery wanted) {
        try {
            return discovery.equals(wanted);
        } catch (RuntimeException | Error e) {
            observers.report(discovery, e);
            return false;
        }
    }

    /** Completed when the first report was judged. */
    CompletableFuture<Void> judged() {
        return judged;
    }

    /** Where it stands. Any thread. */
    Snapshot.Discovery state() {
        return state;
    }

    /** The last list that could be used. */
    List<DiscoveredServer> accepted() {
        return accepted;
    }

    @Nullable
    Report takeReport() {
        return mailbox.getAndSet(null);
    }

    /** Takes what it told, which can be used; returns whether that is something new, which counts once it is in force. */
    boolean accept(List<DiscoveredServer> all) {
        // In any order: DNS likes to change it.
        boolean changed = all.size() != accepted.size() || !new HashSet<>(accepted).equals(new HashSet<>(all));
        if (changed) {
            accepted = all;
            fresh = true;
        } else {
            works();
        }
        judged.complete(null);
        return changed;
    }

    private void works() {
        if (state.failure() != null) {
            LOG.info("{}: group {}: discovery {} finds servers again", balancer, group, name);
        }
        state = state.works(Instant.now());
    }

    /** What was accepted is in force, without what is left out. */
    void inForce(List<ConfigException.Mistake> leftOut) {
        if (fresh) {
            fresh = false;
            works();
            LOG.info("{}: group {}: discovery {} found {}", balancer, group, name, counted(accepted.size()));
            inForce = accepted;
        }
        leftOut(leftOut);
    }

    /** What was accepted cannot be put in force: if it was something new, what is in force stays. */
    void giveBack(String why) {
        if (fresh) {
            fresh = false;
            accepted = inForce;
            fail(why);
        }
    }

    /** What it told cannot be used. */
    void fail(String why) {
        if (state.failure() == null) {
            LOG.warn(
                    "{}: group {}: discovery {}: {}; {} found before stay",
                    balancer,
                    group,
                    name,
                    why,
                    counted(accepted.size()));
        }
        state = state.failed(why);
        judged.complete(null);
    }

    private static String counted(int servers) {
        return servers == 1 ? "1 server" : servers + " servers";
    }

    /** Says which entries of the list in use are left out, unless it said so before. */
    private void leftOut(List<ConfigException.Mistake> refused) {
        int count = refused.size();
        state = state.counted(accepted.size(), count);
        String first = count == 0 ? null : count + " of " + counted(accepted.size()) + " left out: " + refused.get(0);
        if (first != null && !first.equals(told)) {
            LOG.warn("{}: group {}: discovery {}: {}", balancer, group, name, first);
        }
        told = first;
    }
}
