package io.clb.bench.sim;

import io.clb.spi.Server;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A server of a few workers with a queue before them. Takes 2 ms for a request and some more at random, exponentially distributed, all of it times its
 * slowness. A request that its client gave up is dropped when a worker comes to it; one that a worker has begun is worked on to the end.
 */
final class SimServer implements Server {

    static final int WEIGHT = 100;

    /** Requests at once; one more waits. */
    static final int WORKERS = 8;

    /** Requests that wait; one more is refused, as a full accept queue refuses it. */
    static final int QUEUE = 64;

    static final long MEAN_NANOS = 20_000_000;
    private static final long FIXED_NANOS = 2_000_000;

    private final int slot;
    private final EventQueue time;
    private final SplittableRandom random;
    private final Consumer<SimFlow> onServed;
    private final ArrayDeque<SimFlow> waiting = new ArrayDeque<>();
    private final List<SimFlow> working = new ArrayList<>();
    private double slowness = 1;
    private boolean alive = true;
    private int life;
    private int active;

    /**
     * Makes a server that is up.
     *
     * @param onServed is told of each request that a worker has finished
     */
    SimServer(int slot, EventQueue time, SplittableRandom random, Consumer<SimFlow> onServed) {
        this.slot = slot;
        this.time = time;
        this.random = random;
        this.onServed = onServed;
    }

    /** Requests a second that it can do. */
    static double capacity() {
        return WORKERS * 1e9 / MEAN_NANOS;
    }

    boolean isAlive() {
        return alive;
    }

    void slowness(double factor) {
        slowness = factor;
    }

    void flowBegins() {
        active++;
    }

    void flowEnds() {
        active--;
    }

    /**
     * Takes a request in.
     *
     * @return false if it is refused
     */
    boolean accept(SimFlow flow) {
        if (!alive || waiting.size() >= QUEUE) {
            return false;
        }
        waiting.add(flow);
        work();
        return true;
    }

    private void work() {
        while (working.size() < WORKERS && !waiting.isEmpty()) {
            SimFlow flow = waiting.remove();
            if (!flow.isOver()) {
                begin(flow);
            }
        }
    }

    private void begin(SimFlow flow) {
        working.add(flow);
        int begunIn = life;
        double random01 = 1 - random.nextDouble();
        double nanos = slowness * (FIXED_NANOS - (MEAN_NANOS - FIXED_NANOS) * StrictMath.log(random01));
        time.after((long) nanos, () -> {
            if (begunIn == life) {
                working.remove(flow);
                onServed.accept(flow);
                work();
            }
        });
    }

    /**
     * Dies.
     *
     * @return the requests that it had
     */
    List<SimFlow> die() {
        alive = false;
        life++;
        List<SimFlow> lost = new ArrayList<>(working);
        lost.addAll(waiting);
        working.clear();
        waiting.clear();
        return lost;
    }

    void revive() {
        alive = true;
    }

    @Override
    public String id() {
        return host() + ":" + port();
    }

    @Override
    public String host() {
        return "10.0.0." + (1 + slot);
    }

    @Override
    public int port() {
        return 8080;
    }

    @Override
    public int slot() {
        return slot;
    }

    @Override
    public int weight() {
        return WEIGHT;
    }

    @Override
    public int active() {
        return active;
    }

    @Override
    public Map<String, String> tags() {
        return Map.of();
    }

    @Override
    public String toString() {
        return id();
    }
}
