package io.clb.ratelimit.jgroups;

import io.clb.spi.ClusterTransport;
import java.util.Arrays;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;

/** Hears from JGroups who is in the cluster and what comes, and passes it on by one at a time. */
final class Membership implements Receiver {

    private final ClusterTransport.Receiver receiver;

    /** Held while the receiver is called; threads of JGroups wait for it, and have nothing better to do. */
    private final Object turn = new Object();

    // guarded by turn
    private boolean connected;

    // written by whoever closes, read by JGroups' threads
    private volatile boolean ended;

    // written by JGroups' threads, read by the transport's
    private volatile boolean others;

    Membership(ClusterTransport.Receiver receiver) {
        this.receiver = receiver;
    }

    /** Whether another node can be reached. */
    boolean others() {
        return others;
    }

    /** Nothing is told any more, but for a call that has begun. */
    void end() {
        ended = true;
    }

    /** Tells that it did not even come to a view. */
    void failed(String why) {
        synchronized (turn) {
            connected = false;
            if (!ended) {
                receiver.disconnected(why);
            }
        }
    }

    @Override
    public void viewAccepted(View view) {
        boolean now = view.size() > 1;
        others = now;
        synchronized (turn) {
            if (ended || now == connected) {
                return;
            }
            connected = now;
            if (now) {
                receiver.connected();
            } else {
                receiver.disconnected("no other node of the cluster can be reached");
            }
        }
    }

    @Override
    public void receive(Message message) {
        if (!message.hasArray()) {
            return; // nobody here sends such
        }
        int from = message.getOffset();
        byte[] bytes = Arrays.copyOfRange(message.getArray(), from, from + message.getLength());
        synchronized (turn) {
            if (!ended) {
                receiver.received(bytes);
            }
        }
    }
}
