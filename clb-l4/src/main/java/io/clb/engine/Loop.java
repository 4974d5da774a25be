package io.clb.engine;

import io.clb.spi.Reason;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this library keeps for each event loop: its number, clock, timer wheel and open flows. All methods but {@link #execute} and
 * {@link #index} are for the loop's own thread.
 */
public final class Loop {

    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

    /** Flows that are ended in a turn when many are to be, two system calls each. Not measured. */
    private static final int ENDS_IN_A_TURN = 256;

    private final int index;
    private final EventLoop eventLoop;
    private final Clock clock;
    private final ByteBufAllocator allocator;
    private final TimerWheel wheel;
    private final LoopFlowRecord record;
    private final Backlog backlog;
    private final Overflow overflow;
    private final ReadBuffer datagrams;
    private final ReadBuffer bytes;
    private final DatagramRow row;
    private final Queue<Runnable> next = new ArrayDeque<>();
    private final @Nullable SingleThreadEventLoop turns;
    private final Runnable endTurn = this::endTurn;
    private final Runnable wake = this::wake;
    private final Runnable runNext = this::runNext;
    private final Runnable planNext = this::planNext;
    private long turn;
    private boolean nextPlanned;
    private long turnNanos;
    private boolean turnNanosKnown;
    private long wakeTick = TimerWheel.NEVER;
    private @Nullable ScheduledFuture<?> wakeUp;
    private @Nullable LoopFlow flows;
    private int flowCount;
    private final Set<Hold> holds = new LinkedHashSet<>();
    private final Set<LogBuffer> logs = new LinkedHashSet<>();
    private final LogLine logLine = new LogLine();
    private boolean stopped;

    Loop(int index, EventLoop eventLoop, Clock clock, ByteBufAllocator allocator) {
        this.index = index;
        this.eventLoop = eventLoop;
        this.clock = clock;
        this.allocator = allocator;
        this.wheel = new TimerWheel(clock.nanoTime());
        this.record = new LoopFlowRecord();
        this.backlog = new Backlog(this, new ByteBudget(index + 1));
        this.overflow = new Overflow(this);
        this.datagrams = new ReadBuffer(allocator, DatagramBatches.MOST * DatagramBatches.MAX_DATAGRAM);
        this.bytes = new ReadBuffer(allocator, ReadBuffer.STREAM);
        this.row = new DatagramRow(allocator);
        this.turns = eventLoop instanceof SingleThreadEventLoop loop ? loop : null;
    }

    /**
     * Returns the number of this loop.
     *
     * @return 0 to the number of loops - 1
     */
    public int index() {
        return index;
    }

    /**
     * Returns Netty's side of it.
     *
     * @return the event loop
     */
    public EventLoop eventLoop() {
        return eventLoop;
    }

    /**
     * Returns where buffers of this loop's channels come from.
     *
     * @return the allocator
     */
    public ByteBufAllocator allocator() {
        return allocator;
    }

    /**
     * Runs a task on this loop, later. For any thread.
     *
     * @param task what to run; dropped if the loop has ended
     * @return false if it was dropped
     */
    public boolean execute(Runnable task) {
        try {
            eventLoop.execute(task);
            return true;
        } catch (java.util.concurrent.RejectedExecutionException e) {
            return false;
        }
    }

    /** Completed in the next turn, when the loop has waited for its sockets anew; at once if the loop has ended. For any thread. */
    CompletableFuture<Void> nextTurn() {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        Runnable inNextTurn = () -> {
            if (!execute(() -> begun.complete(null))) {
                begun.complete(null);
            }
        };
        boolean accepted = execute(() -> {
            if (turns == null) {
                inNextTurn.run();
            } else {
                turns.executeAfterEventLoopIteration(inNextTurn);
            }
        });
        if (!accepted) {
            begun.complete(null);
        }
        return begun;
    }

    /**
     * Returns the time, read once in each turn of the loop.
     *
     * @return nanoseconds
     */
    public long nowNanos() {
        if (turnNanosKnown) {
            return turnNanos;
        }
        turnNanos = clock.nanoTime();
        if (turns != null) {
            turnNanosKnown = true;
            turns.executeAfterEventLoopIteration(endTurn);
        }
        return turnNanos;
    }

    /** The time now, for what must not be a turn old. */
    long readNanos() {
        return clock.nanoTime();
    }

    private void endTurn() {
        turnNanosKnown = false;
        turn++;
    }

    /** A number that this turn has, and no other; another at each call where it is not known when a turn ends. */
    long turn() {
        nowNanos();
        return turns == null ? ++turn : turn;
    }

    /** Runs a task in the next turn, when sockets had theirs. On the loop. */
    void inNextTurn(Runnable task) {
        next.add(task);
        if (nextPlanned) {
            return;
        }
        nextPlanned = true;
        if (turns == null) {
            execute(runNext);
        } else {
            turns.executeAfterEventLoopIteration(planNext);
        }
    }

    private void planNext() {
        execute(runNext);
    }

    private void runNext() {
        nextPlanned = false;
        for (int i = next.size(); i > 0; i--) {
            try {
                next.remove().run();
            } catch (RuntimeException | Error e) {
                LOG.error("an unforeseen error; the loop goes on", e);
            }
        }
    }

    /**
     * Arms a timeout, or moves one that is armed.
     *
     * @param timeout what is to happen
     * @param deadlineNanos when, by this loop's clock
     */
    public void arm(Timeout timeout, long deadlineNanos) {
        long tick = wheel.arm(timeout, deadlineNanos);
        if (tick < wakeTick) {
            wakeAt(tick);
        }
    }

    /**
     * Cancels a timeout; does nothing if it is not armed.
     *
     * @param timeout what is not to happen
     */
    public void cancel(Timeout timeout) {
        wheel.cancel(timeout);
    }

    /** Runs what is due, and sees to the next time. */
    void wake() {
        wakeTick = TimerWheel.NEVER;
        wheel.advance(nowNanos());
        long next = wheel.nextTick();
        if (next < wakeTick) {
            wakeAt(next);
        }
    }

    /** Looks at the clock anew, which a test has moved. */
    void clockMoved() {
        endTurn();
        wake();
    }

    private void wakeAt(long tick) {
        if (wakeUp != null) {
            wakeUp.cancel(false);
        }
        wakeTick = tick;
        long delay = Math.max(0, wheel.nanosAt(tick) - nowNanos());
        wakeUp = eventLoop.isShuttingDown() ? null : eventLoop.schedule(wake, delay, TimeUnit.NANOSECONDS);
    }

    /** Ends the timers of this loop, and lets go of its memory: the application's own event loops outlive it. */
    void stop() {
        closeBuffers();
        if (wakeUp != null) {
            wakeUp.cancel(false);
            wakeUp = null;
        }
        wakeTick = Long.MIN_VALUE;
    }

    /** On the loop, or when that has ended. */
    void closeBuffers() {
        stopped = true;
        List.copyOf(logs).forEach(LogBuffer::handOver);
        datagrams.close();
        bytes.close();
        row.close();
    }

    /** Whether nothing is done any more that takes time. */
    boolean isStopped() {
        return stopped;
    }

    /** What has lines that are not handed over. */
    Set<LogBuffer> logs() {
        return logs;
    }

    /** What lines of access logs are made in. */
    LogLine logLine() {
        return logLine;
    }

    /**
     * Returns the flows that hold bytes.
     *
     * @return this loop's part of them
     */
    public Backlog backlog() {
        return backlog;
    }

    /** What datagrams are read into. */
    ReadBuffer datagrams() {
        return datagrams;
    }

    /** What is about to be sent to a server. */
    DatagramRow row() {
        return row;
    }

    /** What the bytes of connections are read into. */
    ReadBuffer bytes() {
        return bytes;
    }

    Overflow overflow() {
        return overflow;
    }

    /** The requests that wait here. */
    Set<Hold> holds() {
        return holds;
    }

    /** Has those that wait look at the limits anew. */
    void limitsChanged() {
        List.copyOf(holds).forEach(Hold::look);
    }

    LoopFlowRecord record() {
        return record;
    }

    void add(LoopFlow flow) {
        flow.nextFlow = flows;
        if (flows != null) {
            flows.previousFlow = flow;
        }
        flows = flow;
        flowCount++;
    }

    void remove(LoopFlow flow) {
        LoopFlow previous = flow.previousFlow;
        LoopFlow next = flow.nextFlow;
        if (previous != null) {
            previous.nextFlow = next;
        } else {
            flows = next;
        }
        if (next != null) {
            next.previousFlow = previous;
        }
        flow.previousFlow = null;
        flow.nextFlow = null;
        flowCount--;
    }

    int flowCount() {
        return flowCount;
    }

    /** Asks every open flow to end when it can. */
    void drainAll() {
        LoopFlow following;
        for (LoopFlow flow = flows; flow != null; flow = following) {
            following = flow.nextFlow;
            flow.drain();
        }
    }

    /** Asks the flows on some servers to end. */
    void dismissOn(Set<RunServer> servers) {
        inParts(flow -> servers.contains(flow.serving()), flow -> flow.dismiss(Reason.SERVER_DRAINED));
    }

    /** Asks the flows of some listeners to end. */
    void dismissOf(Set<RunListener> listeners) {
        inParts(flow -> listeners.contains(flow.runListener()), flow -> flow.dismiss(Reason.LISTENER_REMOVED));
    }

    /** Ends the flows on some servers. */
    void endOn(Set<RunServer> servers) {
        inParts(flow -> isOn(servers, flow), flow -> flow.endServed(Reason.SERVER_DRAINED));
    }

    private static boolean isOn(Set<RunServer> servers, LoopFlow flow) {
        RunServer serving = flow.serving();
        return serving != null && serving.isDrained() && servers.contains(serving);
    }

    /** Does something to some flows: to a part of them in this turn, to the rest in turns to come, between which others have theirs. */
    private void inParts(Predicate<LoopFlow> which, Consumer<LoopFlow> what) {
        List<LoopFlow> there = new ArrayList<>();
        for (LoopFlow flow = flows; flow != null; flow = flow.nextFlow) {
            if (which.test(flow)) {
                there.add(flow);
            }
        }
        inParts(which, what, there, 0);
    }

    private void inParts(Predicate<LoopFlow> which, Consumer<LoopFlow> what, List<LoopFlow> there, int from) {
        int to = Math.min(from + ENDS_IN_A_TURN, there.size());
        for (LoopFlow flow : there.subList(from, to)) {
            // It may be over by now, or elsewhere, or its server may be back.
            if (which.test(flow)) {
                try {
                    what.accept(flow);
                } catch (RuntimeException | Error e) {
                    LOG.error("a flow could not be ended in order", e);
                }
            }
        }
        if (to < there.size()) {
            execute(() -> inParts(which, what, there, to));
        }
    }

    /** Ends every open flow. */
    void abortAll(Reason reason) {
        for (LoopFlow flow = flows; flow != null; flow = flows) {
            try {
                flow.abort(reason);
            } catch (RuntimeException | Error e) {
                LOG.error("a flow could not be ended in order", e);
            }
            if (flow == flows) {
                remove(flow);
            }
        }
    }
}
