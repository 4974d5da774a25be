package io.clb.ratelimit.jgroups;

import static java.util.Objects.requireNonNull;

import io.clb.spi.ClusterTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jspecify.annotations.Nullable;

/**
 * Carries messages over JGroups: nodes find each other by a list or by DNS, and every node has a TCP connection to every other one. No server, no multicast.
 *
 * <p>One thread of its own joins and sends; a message that it has not come to when 16 newer ones wait is dropped. A message of up to 60,000 bytes is sent once,
 * to each node; a larger one goes in parts, which are sent again when they are lost, as the rest would be in vain. JGroups tells people what happens through its own log.
 */
public final class JGroupsTransport implements ClusterTransport {

    /** The next message says more, so old ones are not worth waiting for. */
    private static final int PLACES = 16;

    private static final long POLL_MILLIS = 100;
    private static final long RETRY_MILLIS = 1000;
    private static final long MOST_RETRY_MILLIS = 30_000;
    private static final long CLOSE_MILLIS = 2000;

    private final JGroupsSettings settings;
    private final String node;
    private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(PLACES);
    private final CountDownLatch closed = new CountDownLatch(1);

    // written by whoever sends and by the thread, read by any
    private final LongAdder dropped = new LongAdder();

    // written by the thread, read by any
    private volatile @Nullable SealedMessages sealed;

    // written by whoever opens, read by whoever closes
    private volatile @Nullable Thread thread;

    // as the thread
    private volatile @Nullable Membership membership;

    /**
     * Makes one that is not open.
     *
     * @param settings where it listens, and where it looks for others
     * @param node the name of this node, with which those of its threads begin
     * @throws IllegalArgumentException if the settings say nowhere to look, or both by a list and by DNS
     */
    public JGroupsTransport(JGroupsSettings settings, String node) {
        this.settings = requireNonNull(settings, "settings");
        this.node = requireNonNull(node, "node");
        if (settings.members().isEmpty() == settings.dnsName().isEmpty()) {
            throw new IllegalArgumentException("members: " + settings.members() + ", dnsName: \"" + settings.dnsName()
                    + "\" (expected: one of them, to find other nodes by)");
        }
    }

    @Override
    public void open(Receiver receiver) {
        requireNonNull(receiver, "receiver");
        if (thread != null) {
            throw new IllegalStateException("open: called again (expected: once)");
        }
        checkFree("port", settings.port());
        checkFree("detectionOffset", settings.port() + settings.detectionOffset());
        Membership members = new Membership(receiver);
        membership = members;
        Thread started = new ClusterThreads(node).newThread(() -> run(members), "transport");
        thread = started;
        started.start();
    }

    /** Says so now, not in a log, if sockets cannot be had. */
    private void checkFree(String field, int port) {
        InetAddress address = settings.address();
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(address, port));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    field + ": " + address.getHostAddress() + ":" + port + " cannot be bound: " + e.getMessage()
                            + " (expected: a free port of an address of this host)",
                    e);
        }
    }

    @Override
    public void send(byte[] message) {
        if (message.length > MAX_BYTES || thread == null || isClosed()) {
            dropped.increment();
            return;
        }
        while (!waiting.offer(message)) {
            if (waiting.poll() != null) {
                dropped.increment();
            }
        }
    }

    /**
     * Returns how many messages were not handed to JGroups: no other node was there, or newer ones came before they could be sent.
     *
     * @return since it was made; any thread may ask
     */
    public long dropped() {
        return dropped.sum();
    }

    /**
     * Returns how many messages came that were not encrypted by the secret: of strangers, or of nodes with another secret.
     *
     * @return since it was made; any thread may ask
     */
    public long rejected() {
        SealedMessages now = sealed;
        return now == null ? 0 : now.rejected();
    }

    @Override
    public void close() {
        closed.countDown();
        Membership told = membership;
        if (told != null) {
            told.end();
        }
        Thread running = thread;
        if (running == null || running == Thread.currentThread()) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            running.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (running.isAlive()) {
            running.interrupt();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void run(Membership members) {
        long wait = RETRY_MILLIS;
        while (!isClosed()) {
            try (JChannel channel = channel()) {
                channel.setReceiver(members);
                // Nodes with a secret and nodes without are apart, so that none of these takes for a message what it
                // cannot read.
                channel.connect(settings.cluster() + (settings.secret().isEmpty() ? "" : "/sealed"));
                carry(channel, members);
            } catch (InterruptedException e) {
                return; // close has waited long enough
            } catch (Exception e) {
                members.failed("cannot join the cluster " + settings.cluster() + ": " + reason(e));
                if (closedWithin(wait)) {
                    return;
                }
                wait = Math.min(2 * wait, MOST_RETRY_MILLIS);
            }
        }
    }

    private JChannel channel() throws Exception {
        if (settings.secret().isEmpty()) {
            return JGroupsStack.channel(settings, node, null);
        }
        SealedMessages made = new SealedMessages(new MessageCipher(settings.secret(), settings.cluster()));
        sealed = made;
        return JGroupsStack.channel(settings, node, made);
    }

    private boolean closedWithin(long millis) {
        try {
            return closed.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** Sends what there is to send until it is closed, and then what still waits. */
    private void carry(JChannel channel, Membership members) throws Exception {
        while (true) {
            boolean last = isClosed();
            byte[] message = waiting.poll(last ? 0 : POLL_MILLIS, TimeUnit.MILLISECONDS);
            if (message == null) {
                if (last) {
                    return;
                }
            } else if (members.others()) {
                channel.send(wrapped(message));
            } else {
                dropped.increment();
            }
        }
    }

    /** As it comes, and no copy for the sender. */
    private static Message wrapped(byte[] bytes) {
        Message message = new BytesMessage(null, bytes).setFlag(Message.TransientFlag.DONT_LOOPBACK);
        // parts that are never complete would be kept for ever, so only what is whole may be lost
        return bytes.length < JGroupsStack.PART_BYTES
                ? message.setFlag(Message.Flag.NO_RELIABILITY, Message.Flag.NO_FC)
                : message;
    }

    /** What JGroups wraps says less than what it was. */
    private static String reason(Throwable e) {
        Throwable first = e;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        String message = first.getMessage();
        return message == null ? first.getClass().getSimpleName() : message;
    }
}
