package io.clb.engine;

import io.clb.AccessLog;
import io.clb.Snapshot.Metric;
import io.clb.spi.Flow;
import io.clb.spi.ProxyHeader;
import io.clb.spi.Reason;
import io.clb.spi.Server;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A flow on its loop: its addresses, what it tried, and what it moved. It keeps the few objects that it needs and never the {@link Plan}, so that
 * old configurations can go while it lasts. Confined to its loop.
 */
public abstract class LoopFlow extends Timeout implements Flow {

    private static final long IPV4_MAPPED = 0xffff_0000_0000L;

    // links of the loop's list of open flows
    @Nullable
    LoopFlow previousFlow;

    @Nullable
    LoopFlow nextFlow;

    // links of the loop's list of flows that hold bytes
    @Nullable
    LoopFlow previousHolding;

    @Nullable
    LoopFlow nextHolding;

    /** What it held when that was looked at last. */
    long counted;

    /** Where its client's connections are counted; null without a cap, and for a flow that has not begun. */
    @Nullable
    ClientCounts clients;

    private final Loop loop;
    private final RunListener listener;
    private final long startNanos;
    private long sourceHigh;
    private long sourceLow;
    private int sourcePort;
    private final long destinationHigh;
    private final long destinationLow;
    private final int destinationPort;
    private final @Nullable ProxyHeader proxyHeader;
    private final @Nullable TlsSession tls;
    private @Nullable Tries failed;
    private long bytesFromClient;
    private long bytesFromServer;

    /**
     * Takes down where the flow comes from.
     *
     * @param loop the flow's loop
     * @param listener the listener that took it in
     * @param origin the client, and what it reached
     */
    protected LoopFlow(Loop loop, RunListener listener, Origin origin) {
        SocketAddress source = origin.source();
        SocketAddress destination = origin.destination();
        this.loop = loop;
        this.listener = listener;
        this.startNanos = loop.nowNanos();
        InetAddress from = address(source);
        InetAddress to = address(destination);
        byte[] fromBytes = from == null ? new byte[0] : from.getAddress();
        byte[] toBytes = to == null ? new byte[0] : to.getAddress();
        this.sourceHigh = high(fromBytes);
        this.sourceLow = low(fromBytes);
        this.sourcePort = source instanceof InetSocketAddress inet ? inet.getPort() : 0;
        this.destinationHigh = high(toBytes);
        this.destinationLow = low(toBytes);
        this.destinationPort = destination instanceof InetSocketAddress inet ? inet.getPort() : 0;
        this.proxyHeader = origin.header();
        this.tls = origin.tls();
    }

    /**
     * Begins a flow within a connection that has others: a request.
     *
     * @param connection the connection, whose addresses this has too
     * @param listener the listener that took it in
     * @param startNanos when it began, by the loop's clock
     */
    protected LoopFlow(LoopFlow connection, RunListener listener, long startNanos) {
        this.loop = connection.loop;
        this.listener = listener;
        this.startNanos = startNanos;
        this.sourceHigh = connection.sourceHigh;
        this.sourceLow = connection.sourceLow;
        this.sourcePort = connection.sourcePort;
        this.destinationHigh = connection.destinationHigh;
        this.destinationLow = connection.destinationLow;
        this.destinationPort = connection.destinationPort;
        this.proxyHeader = connection.proxyHeader;
        this.tls = connection.tls;
    }

    /**
     * Says that the flow comes from another client than its connection, as a trusted proxy sent it. Before anything is asked that goes by the client.
     *
     * @param high the client's address, bits 127 to 64, as in {@link #sourceHigh}
     * @param low bits 63 to 0
     * @param port its port; 0 if it is not known
     */
    protected final void comesFrom(long high, long low, int port) {
        sourceHigh = high;
        sourceLow = low;
        sourcePort = port;
    }

    private static @Nullable InetAddress address(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet.getAddress() : null;
    }

    static long high(byte[] address) {
        return address.length == 16 ? ByteBuffer.wrap(address).getLong() : 0;
    }

    static long low(byte[] address) {
        return switch (address.length) {
            case 16 -> ByteBuffer.wrap(address).getLong(Long.BYTES);
            case 4 ->
                IPV4_MAPPED | Integer.toUnsignedLong(ByteBuffer.wrap(address).getInt());
            default -> 0;
        };
    }

    /**
     * Returns the loop that this flow lives on.
     *
     * @return the loop
     */
    protected final Loop owner() {
        return loop;
    }

    /**
     * Returns the listener that took the flow in.
     *
     * @return the listener
     */
    protected final RunListener runListener() {
        return listener;
    }

    /**
     * Ends the flow at once, both sides.
     *
     * @param reason why
     */
    protected abstract void abort(Reason reason);

    /**
     * Returns how much memory what was read and is not yet written takes, on both sides together.
     *
     * @return bytes
     */
    protected long heldBytes() {
        return 0;
    }

    /** The balancer shuts down: a flow that can end in order soon does so, the others go on until the time to drain is over. */
    protected void drain() {}

    /**
     * The time to drain of what the flow is on begins. A flow whose ends can be asked to end it has them do so, the others go on until the time is over.
     *
     * @param reason why it is ended if they do not
     */
    protected void dismiss(Reason reason) {}

    /**
     * Tells whether the flow can wait for a server that has as many flows as it may.
     *
     * @return true unless overridden
     */
    protected boolean mayWait() {
        return true;
    }

    /**
     * Returns the server that is at work on the flow, or on one that it carries, at this moment.
     *
     * @return the server; null while none has accepted
     */
    protected @Nullable RunServer serving() {
        return server();
    }

    /**
     * Ends what {@link #serving} is at work on, as that server's time to drain is over.
     *
     * @param reason why
     */
    protected void endServed(Reason reason) {
        abort(reason);
    }

    /**
     * Returns the status that the client was answered with.
     *
     * @return 0 where there is none
     */
    protected int status() {
        return 0;
    }

    /**
     * Returns the status that the server that took the flow sent.
     *
     * @return 0 where there is none
     */
    protected int upstreamStatus() {
        return 0;
    }

    /**
     * Writes down what the flow's protocol alone knows of it, for an access log.
     *
     * @param field what is asked for
     * @param line where one value is to be added
     */
    protected void log(AccessLog.Field field, LogLine line) {
        line.none();
    }

    /**
     * Writes down what was tried, for an access log.
     *
     * @param tries where to, in the order of trying
     * @param why why the flow ended
     */
    protected void tries(LogTries tries, Reason why) {
        misses(tries, 0, failedTries());
        RunServer last = server();
        if (last != null) {
            tries.add(last, Reason.COMPLETED, upstreamStatus(), connectNanos(), loop.nowNanos() - startNanos);
        }
    }

    /**
     * Writes down those of the servers that did not take the flow, for an access log.
     *
     * @param tries where to
     * @param from how many to leave out
     * @param to how many there are then, with those that were left out
     */
    protected final void misses(LogTries tries, int from, int to) {
        misses(tries, failed, from, to);
    }

    private static void misses(LogTries tries, @Nullable Tries last, int from, int to) {
        if (last == null || last.count <= from) {
            return;
        }
        misses(tries, last.before, from, to);
        if (last.count <= to) {
            tries.add(last.server, last.reason, LogTries.NEVER_SENT, last.nanos, last.nanos);
        }
    }

    /**
     * Returns the server that took the flow.
     *
     * @return the server, or null if none has
     */
    protected abstract @Nullable RunServer server();

    /**
     * Returns where its server comes from.
     *
     * @return the pool; null as long as that is not known, and for what needs none
     */
    protected @Nullable Pool pool() {
        return null;
    }

    /**
     * Returns the rule that takes it.
     *
     * @return the rule; null for none
     */
    protected @Nullable RunRule rule() {
        return null;
    }

    /**
     * Returns how long the server that took the flow took to accept.
     *
     * @return nanoseconds
     */
    protected abstract long connectNanos();

    /**
     * Counts payload that came from the client.
     *
     * @param bytes how many
     */
    protected final void countFromClient(int bytes) {
        bytesFromClient += bytes;
        count(Metric.BYTES_FROM_CLIENTS, bytes);
    }

    /**
     * Counts payload that came from the server.
     *
     * @param bytes how many
     */
    protected final void countFromServer(int bytes) {
        bytesFromServer += bytes;
        count(Metric.BYTES_FROM_SERVERS, bytes);
    }

    private void count(Metric metric, long amount) {
        listener.tally().count(loop, metric, amount);
        RunRule taken = rule();
        if (taken != null) {
            taken.tally().count(loop, metric, amount);
        }
    }

    /**
     * Counts how long it took: of a request to the end of its response, of a connection until a server has accepted, of an association to the first answer. Once.
     *
     * @param pickedNanos when the server was picked
     */
    protected final void countLatency(long pickedNanos) {
        long now = loop.nowNanos();
        listener.tally().countLatency(loop, now - startNanos);
        RunRule taken = rule();
        if (taken != null) {
            taken.tally().countLatency(loop, now - startNanos);
        }
        RunServer by = server();
        if (by != null) {
            by.countLatency(loop, now - pickedNanos);
        }
    }

    /** Counts a response that was to be compressed, and was not as there was nothing left to do it with. */
    protected final void countUncompressed() {
        count(Metric.UNCOMPRESSED, 1);
    }

    /**
     * Takes down a server that did not take the flow.
     *
     * @param server which
     * @param reason why
     * @param nanos how long it took to fail
     */
    protected final void tryFailed(RunServer server, Reason reason, long nanos) {
        failed = new Tries(server, reason, nanos, failed);
        count(Metric.CONNECT_FAILURES, 1);
    }

    /**
     * Returns how many servers did not take the flow.
     *
     * @return failed tries
     */
    protected final int failedTries() {
        return failed == null ? 0 : failed.count;
    }

    /**
     * Returns why the last of them did not.
     *
     * @param otherwise the reason if there was none
     * @return the reason
     */
    protected final Reason lastFailure(Reason otherwise) {
        return failed == null ? otherwise : failed.reason;
    }

    final @Nullable Tries failed() {
        return failed;
    }

    /**
     * Returns when the flow began.
     *
     * @return nanoseconds, by the loop's clock
     */
    protected final long startNanos() {
        return startNanos;
    }

    /**
     * Returns the payload that came from the client so far.
     *
     * @return bytes
     */
    protected final long bytesFromClient() {
        return bytesFromClient;
    }

    final long bytesFromServer() {
        return bytesFromServer;
    }

    @Override
    public final int loop() {
        return loop.index();
    }

    @Override
    public final String listener() {
        return listener.name();
    }

    @Override
    public final long sourceHigh() {
        return sourceHigh;
    }

    @Override
    public final long sourceLow() {
        return sourceLow;
    }

    @Override
    public final int sourcePort() {
        return sourcePort;
    }

    @Override
    public final long destinationHigh() {
        return destinationHigh;
    }

    @Override
    public final long destinationLow() {
        return destinationLow;
    }

    @Override
    public final int destinationPort() {
        return destinationPort;
    }

    /**
     * Returns what was agreed on in the client's TLS handshake.
     *
     * @return null without TLS
     */
    public final @Nullable TlsSession tls() {
        return tls;
    }

    @Override
    public final @Nullable ProxyHeader proxyHeader() {
        return proxyHeader;
    }

    /** Whether both ends have addresses of IPv4. */
    final boolean isIpv4() {
        return Addresses.isIpv4(sourceHigh, sourceLow) && Addresses.isIpv4(destinationHigh, destinationLow);
    }

    /**
     * Returns the client's address as an object.
     *
     * @return the address; null if it is not known, as the client was gone when it was to be asked
     */
    protected final @Nullable InetAddress sourceAddress() {
        return sourceHigh == 0 && sourceLow == 0 ? null : Addresses.of(sourceHigh, sourceLow);
    }

    /**
     * Returns the address that the client reached as an object.
     *
     * @return the address; null if it is not known, as the client was gone when it was to be asked
     */
    protected final @Nullable InetAddress destinationAddress() {
        return destinationHigh == 0 && destinationLow == 0 ? null : Addresses.of(destinationHigh, destinationLow);
    }

    @Override
    public final boolean tried(Server server) {
        for (Tries t = failed; t != null; t = t.before) {
            if (t.server == server) {
                return true;
            }
        }
        return loop.overflow().isFull(this, server);
    }

    /** Failed tries, the last one first. Few flows have any. */
    static final class Tries {

        final RunServer server;
        final Reason reason;
        final long nanos;
        final @Nullable Tries before;
        final int count;

        Tries(RunServer server, Reason reason, long nanos, @Nullable Tries before) {
            this.server = server;
            this.reason = reason;
            this.nanos = nanos;
            this.before = before;
            this.count = before == null ? 1 : before.count + 1;
        }
    }
}
