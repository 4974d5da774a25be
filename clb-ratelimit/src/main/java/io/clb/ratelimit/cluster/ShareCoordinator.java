package io.clb.ratelimit.cluster;

import static java.util.Objects.requireNonNull;

import io.clb.spi.ClusterSettings;
import io.clb.spi.ClusterTransport;
import io.clb.spi.Division;
import io.clb.spi.PermitBuckets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs an {@link ShareExchange}: one thread, which alone touches it, and a transport. Nothing of this is on the data path: the limits learn their share by {@link
 * SharedLimit#move}, and tell what came by counters.
 */
public final class ShareCoordinator implements AutoCloseable {

    /** What waits for the thread at most; reports beyond that are lost, as the network might have lost them. */
    private static final int MOST_WAITING = 4_096;

    /** Goodbye is said so often, as nobody says whether it was heard. */
    private static final int GOODBYES = 3;

    private static final long MOST_CLOSING_SECONDS = 3;
    private static final long MOST_POLL_MILLIS = 100;

    private final ClusterSettings settings;
    private final ClusterTransport transport;

    /** The transport, if it has any. */
    private final @Nullable PermitBuckets buckets;

    private final ClusterEvents events;
    private final LongSupplier clock;
    private final ShareExchange exchange;
    private final BlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong lost = new AtomicLong();
    private final AtomicLong strange = new AtomicLong();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Thread thread;

    private volatile ClusterView view;

    // written by the thread; read by any
    private volatile long unanswered;

    /** The thread has done what waited for the last time, or is about to. */
    private volatile boolean ended;

    private ShareCoordinator(
            ClusterSettings settings,
            ClusterTransport transport,
            ClusterEvents events,
            LongSupplier clock,
            Instant timeOfDay) {
        this.settings = settings;
        this.transport = transport;
        buckets = transport instanceof PermitBuckets there ? there : null;
        this.events = events;
        this.clock = clock;
        long now = clock.getAsLong();
        exchange = new ShareExchange(settings, timeOfDay.toEpochMilli(), upNanos(timeOfDay), now);
        view = exchange.view(now);
        thread = new Thread(this::run, "clb-cluster-" + settings.node());
        thread.setDaemon(true);
    }

    /** How long this process has been there; a run before it ended before that. */
    private static long upNanos(Instant timeOfDay) {
        return ProcessHandle.current()
                .info()
                .startInstant()
                .map(start -> Math.max(0, start.until(timeOfDay, ChronoUnit.NANOS)))
                .orElse(0L);
    }

    /**
     * Joins a cluster.
     *
     * @param settings what this node is called and expects
     * @param transport how to reach the others; closed with this
     * @param events hears what happens
     * @param clock the clock of those who ask the limits, in nanoseconds
     * @param timeOfDay the time of day: what tells this run of the node from those before
     * @return the coordinator, which has heard of nobody yet
     * @throws RuntimeException if the transport can never work
     */
    public static ShareCoordinator start(
            ClusterSettings settings,
            ClusterTransport transport,
            ClusterEvents events,
            LongSupplier clock,
            Instant timeOfDay) {
        ShareCoordinator coordinator = new ShareCoordinator(
                requireNonNull(settings, "settings"),
                requireNonNull(transport, "transport"),
                requireNonNull(events, "events"),
                requireNonNull(clock, "clock"),
                requireNonNull(timeOfDay, "timeOfDay"));
        transport.open(coordinator.new Inbox());
        coordinator.thread.start();
        return coordinator;
    }

    private final class Inbox implements ClusterTransport.Receiver {
        @Override
        public void received(byte[] message) {
            Report report = ReportCodec.decode(message, settings.node());
            if (report == null) {
                strange.incrementAndGet();
            } else if (!waiting.offer(() -> take(report))) {
                lost.incrementAndGet();
            }
        }

        @Override
        public void connected() {
            enqueue(events::connected);
        }

        @Override
        public void disconnected(String why) {
            enqueue(() -> {
                exchange.disconnected(clock.getAsLong());
                events.disconnected(why);
            });
        }
    }

    private void take(Report report) {
        if (!report.node().equals(settings.node())) {
            exchange.received(report, clock.getAsLong());
        }
    }

    /**
     * Has the thread do something. Waits only where thousands of reports wait before it.
     *
     * @return false if this is closed, and nothing will be done
     */
    private boolean enqueue(Runnable task) {
        try {
            while (!closing.get()) {
                if (waiting.offer(task, MOST_POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    // The thread may have looked for the last time before this was there.
                    return !ended || !waiting.remove(task);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private void run() {
        while (!closing.get()) {
            try {
                long wait = waitNanos();
                Runnable task = wait > 0 ? waiting.poll(wait, TimeUnit.NANOSECONDS) : waiting.poll();
                if (task != null) {
                    attempt(task);
                }
                if (exchange.dueNanos() - clock.getAsLong() <= 0) {
                    attempt(this::report);
                }
                if (buckets != null && askNanos() <= 0) {
                    attempt(() -> ask(buckets));
                }
            } catch (InterruptedException e) {
                closing.set(true);
            }
        }
        ended = true;
        for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
            attempt(task);
        }
        goodbye();
    }

    private long waitNanos() {
        long wait = exchange.dueNanos() - clock.getAsLong();
        return buckets == null ? wait : Math.min(wait, askNanos());
    }

    private long askNanos() {
        long now = clock.getAsLong();
        return exchange.askNanos(now) - now;
    }

    private void ask(PermitBuckets of) {
        NumberedAsk next = exchange.ask(clock.getAsLong());
        if (next != null) {
            of.ask(next.ask(), answer -> {
                if (!waiting.offer(() -> exchange.answered(next.number(), answer, clock.getAsLong()))) {
                    lost.incrementAndGet();
                }
            });
            unanswered = exchange.unanswered();
        }
    }

    private void attempt(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            events.failed(e);
        }
    }

    private void report() {
        long now = clock.getAsLong();
        transport.send(ReportCodec.encode(exchange.report(now)));
        ClusterView before = view;
        view = exchange.view(now);
        events.changed(before, view);
    }

    private void goodbye() {
        for (int i = 0; i < GOODBYES; i++) {
            transport.send(ReportCodec.encode(exchange.leave()));
        }
        transport.close();
    }

    /**
     * Takes part for a limit from now on, or in another way than before.
     *
     * @param name the same on all nodes
     * @param limit the limit; its share is moved soon
     * @param division how its total is divided
     * @throws IllegalArgumentException if it is {@link Division#LEASED} and the transport has no {@link PermitBuckets}
     */
    public void share(String name, SharedLimit limit, Division division) {
        requireNonNull(name, "name");
        requireNonNull(limit, "limit");
        if (requireNonNull(division, "division") == Division.LEASED && buckets == null) {
            throw new IllegalArgumentException(
                    "division: LEASED (expected: EVEN or ADAPTIVE, as there are no buckets of permits in a "
                            + transport.getClass().getSimpleName() + ")");
        }
        enqueue(() -> exchange.add(name, limit, division, clock.getAsLong()));
    }

    /**
     * Takes part for a limit no more.
     *
     * @param name its name
     */
    public void withdraw(String name) {
        requireNonNull(name, "name");
        enqueue(() -> exchange.remove(name, clock.getAsLong()));
    }

    /**
     * Leaves out a silent node that will not come back, on all nodes.
     *
     * @param node its name
     * @return whether a node of this name was silent here; false after {@link #close}
     */
    public CompletionStage<Boolean> forget(String node) {
        requireNonNull(node, "node");
        CompletableFuture<Boolean> forgotten = new CompletableFuture<>();
        if (!enqueue(() -> forgotten.complete(exchange.forget(node, clock.getAsLong())))) {
            forgotten.complete(false);
        }
        return forgotten;
    }

    /**
     * Tells how this node sees the cluster.
     *
     * @return the view of the last report
     */
    public ClusterView view() {
        return view;
    }

    /**
     * Returns how many asks for permits were not answered in time, or failed. After one the node goes on asking for the time until that is answered.
     *
     * @return the count
     */
    public long unanswered() {
        return unanswered;
    }

    /**
     * Returns how many reports, and answers to asks, came that this node had no time for.
     *
     * @return the count
     */
    public long lost() {
        return lost.get();
    }

    /**
     * Returns how many messages came that were no reports: of another version, or not meant for this cluster.
     *
     * @return the count
     */
    public long strange() {
        return strange.get();
    }

    /** Leaves the cluster: the others divide without this node. Nothing may be let through here any more. Takes as long as the transport needs to end. */
    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            waiting.offer(() -> {});
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(MOST_CLOSING_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
