package io.clb.l7;

import io.clb.engine.RunServer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The idle connections of a loop, for each server a list: the one used last is used first, so that the others can grow old and close. Confined to one
 * loop.
 */
final class IdleUpstreams {

    private static final int SLOTS = 16;

    // by the server's slot, which another server may have later
    private @Nullable Idle[] bySlot = new Idle[SLOTS];

    private static final class Idle {

        final RunServer server;

        @Nullable
        UpstreamConnection top;

        int count;

        Idle(RunServer server) {
            this.server = server;
        }
    }

    /** Takes a connection to a server out; null if there is none. */
    @Nullable
    UpstreamConnection take(RunServer server) {
        Idle idle = find(server);
        UpstreamConnection taken = idle == null ? null : idle.top;
        if (taken != null) {
            remove(taken);
        }
        return taken;
    }

    /** Keeps a connection; false if there are as many as there may be. */
    boolean add(UpstreamConnection connection, int max) {
        Idle idle = of(connection.server());
        if (idle.count >= max) {
            return false;
        }
        UpstreamConnection top = idle.top;
        connection.below = top;
        if (top != null) {
            top.above = connection;
        }
        idle.top = connection;
        idle.count++;
        connection.idle = true;
        return true;
    }

    /** Forgets a connection, if it is kept. */
    void remove(UpstreamConnection connection) {
        Idle idle = connection.idle ? find(connection.server()) : null;
        if (idle == null) {
            return;
        }
        UpstreamConnection above = connection.above;
        UpstreamConnection below = connection.below;
        if (above == null) {
            idle.top = below;
        } else {
            above.below = below;
        }
        if (below != null) {
            below.above = above;
        }
        connection.above = null;
        connection.below = null;
        connection.idle = false;
        idle.count--;
    }

    /** Closes all connections to a server. */
    void close(RunServer server) {
        for (UpstreamConnection left = take(server); left != null; left = take(server)) {
            left.close();
        }
    }

    private @Nullable Idle find(RunServer server) {
        int slot = server.slot();
        Idle idle = slot < bySlot.length ? bySlot[slot] : null;
        return idle != null && idle.server == server ? idle : null;
    }

    private Idle of(RunServer server) {
        Idle found = find(server);
        if (found != null) {
            return found;
        }
        int slot = server.slot();
        if (slot >= bySlot.length) {
            bySlot = Arrays.copyOf(bySlot, Integer.highestOneBit(slot) * 2);
        }
        Idle before = bySlot[slot];
        Idle idle = new Idle(server);
        bySlot[slot] = idle;
        while (before != null && before.top != null) {
            UpstreamConnection left = before.top;
            before.top = left.below;
            left.idle = false;
            left.close();
        }
        return idle;
    }
}
