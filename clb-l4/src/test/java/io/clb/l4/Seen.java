package io.clb.l4;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import io.clb.spi.FlowRecord;
import io.clb.spi.HttpFlow;
import io.clb.spi.Reason;
import io.clb.spi.Server;
import io.clb.spi.ServerState;
import io.clb.spi.TrafficObserver;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** An observer that keeps what it is shown. */
public final class Seen implements TrafficObserver {

    /**
     * What was told of a flow.
     *
     * @param request method and target of an HTTP request, as far as it came
     * @param status what the client was answered with
     * @param server the id of the server that took it
     * @param tries as in {@code 10.0.0.1:80 connect-refused, 10.0.0.2:80 completed}
     * @param tryNanos how long each try took
     */
    public record Flow(
            String listener,
            String group,
            String request,
            int status,
            @Nullable String server,
            String tries,
            List<Long> tryNanos,
            Reason reason,
            long bytesFromClient,
            long bytesFromServer,
            long durationNanos) {}

    private static final int TIMEOUT_SECONDS = 10;

    private final BlockingQueue<Flow> flows = new LinkedBlockingQueue<>();
    private final Queue<String> states = new ConcurrentLinkedQueue<>();

    @Override
    public void flowEnded(FlowRecord record) {
        Server server = record.server();
        String tries = IntStream.range(0, record.tries())
                .mapToObj(i ->
                        record.triedServer(i).id() + " " + record.triedResult(i).code())
                .collect(joining(", "));
        flows.add(new Flow(
                record.flow().listener(),
                record.group(),
                request(record.flow()),
                record.status(),
                server == null ? null : server.id(),
                tries,
                IntStream.range(0, record.tries()).mapToObj(record::triedNanos).toList(),
                record.reason(),
                record.bytesFromClient(),
                record.bytesFromServer(),
                record.durationNanos()));
    }

    private static String request(io.clb.spi.Flow flow) {
        if (!(flow instanceof HttpFlow http)) {
            return "";
        }
        return http.method() + " " + http.path() + (http.query() == null ? "" : "?" + http.query());
    }

    @Override
    public void serverStateChanged(String group, Server server, ServerState from, ServerState to, String why) {
        states.add(group + " " + server.id() + " " + from + " -> " + to + ": " + why);
    }

    /** The flows that ended, in that order. */
    public List<Flow> flows() {
        return List.copyOf(flows);
    }

    /** The changes of state, as in {@code servers 10.0.0.1:80 UP -> DOWN: connection refused}. */
    public List<String> states() {
        return List.copyOf(states);
    }

    /** Waits until one flow has ended, and forgets it. */
    public Flow next() throws InterruptedException {
        return requireNonNull(flows.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS), "no flow has ended");
    }
}
