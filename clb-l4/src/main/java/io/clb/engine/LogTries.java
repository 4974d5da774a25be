package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.spi.Reason;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a flow tried, in that order, as its line in an access log tells it. Reused for one flow after another, confined to one loop. */
public final class LogTries {

    /** Of a status: nothing was sent to the server. */
    public static final int NEVER_SENT = -1;

    private static final int FEW = 4;

    private @Nullable RunServer[] servers = new RunServer[FEW];
    private Reason[] results = new Reason[FEW];
    private int[] statuses = new int[FEW];
    private long[] connectNanos = new long[FEW];
    private long[] nanos = new long[FEW];
    private int count;

    LogTries() {}

    /**
     * Takes down a try.
     *
     * @param server which server
     * @param result {@link Reason#COMPLETED} if it took the flow, else why not
     * @param status what it answered; 0 for nothing, {@link #NEVER_SENT} if it was sent nothing
     * @param connecting how long it took to connect or to fail, in nanoseconds
     * @param whole how long all of the try took, in nanoseconds
     */
    public void add(RunServer server, Reason result, int status, long connecting, long whole) {
        if (count == servers.length) {
            int more = 2 * count;
            servers = Arrays.copyOf(servers, more);
            results = Arrays.copyOf(results, more);
            statuses = Arrays.copyOf(statuses, more);
            connectNanos = Arrays.copyOf(connectNanos, more);
            nanos = Arrays.copyOf(nanos, more);
        }
        servers[count] = server;
        results[count] = result;
        statuses[count] = status;
        connectNanos[count] = connecting;
        nanos[count] = whole;
        count++;
    }

    /** Lets the servers go. */
    void clear() {
        Arrays.fill(servers, 0, count, null);
        count = 0;
    }

    int count() {
        return count;
    }

    RunServer server(int index) {
        return requireNonNull(servers[index]);
    }

    Reason result(int index) {
        return results[index];
    }

    int status(int index) {
        return statuses[index];
    }

    long connectNanos(int index) {
        return connectNanos[index];
    }

    long nanos(int index) {
        return nanos[index];
    }
}
