package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.spi.FlowRecord;
import io.clb.spi.Reason;
import io.clb.spi.Server;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The one flow record of a loop, filled anew for each flow that ends there. */
final class LoopFlowRecord implements FlowRecord {

    private @Nullable LoopFlow flow;
    private Reason reason = Reason.COMPLETED;
    private String group = "";
    private long durationNanos;

    LoopFlowRecord fill(LoopFlow ended, String serverGroup, Reason why, long nowNanos) {
        flow = ended;
        group = serverGroup;
        reason = why;
        durationNanos = nowNanos - ended.startNanos();
        return this;
    }

    /** Lets the flow go. */
    void clear() {
        flow = null;
    }

    private LoopFlow ended() {
        return requireNonNull(flow, "read outside the call that handed this record over");
    }

    @Override
    public LoopFlow flow() {
        return ended();
    }

    @Override
    public String group() {
        return group;
    }

    @Override
    public @Nullable Server server() {
        return ended().server();
    }

    @Override
    public long startMillis() {
        return endMillis() - TimeUnit.NANOSECONDS.toMillis(durationNanos);
    }

    /** When it ended, by the wall clock. */
    long endMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public long durationNanos() {
        return durationNanos;
    }

    @Override
    public long bytesFromClient() {
        return ended().bytesFromClient();
    }

    @Override
    public long bytesFromServer() {
        return ended().bytesFromServer();
    }

    @Override
    public Reason reason() {
        return reason;
    }

    @Override
    public int tries() {
        return ended().failedTries() + (ended().server() == null ? 0 : 1);
    }

    @Override
    public Server triedServer(int index) {
        LoopFlow.Tries failed = failed(index);
        return failed == null ? requireNonNull(ended().server()) : failed.server;
    }

    @Override
    public Reason triedResult(int index) {
        LoopFlow.Tries failed = failed(index);
        return failed == null ? Reason.COMPLETED : failed.reason;
    }

    @Override
    public long triedNanos(int index) {
        LoopFlow.Tries failed = failed(index);
        return failed == null ? ended().connectNanos() : failed.nanos;
    }

    @Override
    public int status() {
        return ended().status();
    }

    @Override
    public int triedStatus(int index) {
        return failed(index) == null ? ended().upstreamStatus() : 0;
    }

    /** The failed try of that number, or null for the try that succeeded. */
    private LoopFlow.@Nullable Tries failed(int index) {
        java.util.Objects.checkIndex(index, tries());
        LoopFlow.Tries failed = ended().failed();
        if (failed == null || index >= failed.count) {
            return null;
        }
        while (failed.before != null && failed.count - 1 > index) {
            failed = failed.before;
        }
        return failed;
    }
}
