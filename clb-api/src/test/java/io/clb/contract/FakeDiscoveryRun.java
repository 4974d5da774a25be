package io.clb.contract;

import static java.util.Objects.requireNonNull;

import io.clb.spi.DiscoveredServer;
import io.clb.spi.DiscoveryRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A run whose work is done by the test's thread, when the test says so; time passes at once. */
public final class FakeDiscoveryRun implements DiscoveryRun {

    private static final long TIMEOUT_SECONDS = 10;

    private final BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
    private final List<Duration> delays = new ArrayList<>();
    private final List<List<DiscoveredServer>> found = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    /** Makes a run in which nothing has happened yet. */
    public FakeDiscoveryRun() {}

    @Override
    public String group() {
        return "servers";
    }

    @Override
    public synchronized void found(List<DiscoveredServer> all) {
        found.add(new ArrayList<>(all));
        work.add(() -> {});
    }

    @Override
    public synchronized void failed(String why) {
        failures.add(requireNonNull(why, "why"));
        work.add(() -> {});
    }

    @Override
    public Executor blocking() {
        return work::add;
    }

    @Override
    public synchronized void later(Duration delay, Runnable task) {
        delays.add(delay);
        work.add(requireNonNull(task, "task"));
    }

    /** The lists that were told. */
    public synchronized List<List<DiscoveredServer>> found() {
        return List.copyOf(found);
    }

    /** How many reports came, lists and failures. */
    public synchronized int reports() {
        return found.size() + failures.size();
    }

    /** The delays that were asked for. */
    public synchronized List<Duration> delays() {
        return List.copyOf(delays);
    }

    /** Does work until so many reports have come, or none is left for ten seconds. */
    public void awaitReports(int count) throws InterruptedException {
        while (reports() < count) {
            Runnable next = work.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                return;
            }
            next.run();
        }
    }

    /** Does the work that is there, and what it brings with it. */
    public void runAll() {
        for (@Nullable Runnable next = work.poll(); next != null; next = work.poll()) {
            next.run();
        }
    }
}
