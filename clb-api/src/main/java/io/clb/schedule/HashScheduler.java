package io.clb.schedule;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.HttpFlow;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One server for one key, as long as the servers stay: the hash of the key chooses a slot, and the slot's owner is the pick. A retry draws
 * further slots from the same hash, so that the clients of a server which cannot be reached spread over the others by weight, and each of them
 * to the same one every time.
 */
final class HashScheduler implements Scheduler {

    /** So many draws miss what is left only where a flow tried nearly all; then the servers are gone through in order. */
    private static final int DRAWS = 16;

    private final ConsistentHash.Key key;
    private final String keyName;
    private final Server[] servers;
    private final int[] weights;
    private final char[] owners;

    private HashScheduler(ConsistentHash.Key key, String keyName, Server[] servers, int[] weights, char[] owners) {
        this.key = key;
        this.keyName = keyName;
        this.servers = servers;
        this.weights = weights;
        this.owners = owners;
    }

    /** Weights in force play no part: a slow start would move clients step by step, and other nodes have other steps. */
    static HashScheduler create(
            ConsistentHash.Key key, String keyName, int slots, GroupView group, @Nullable HashScheduler previous) {
        Candidates candidates = Candidates.of(group, group::configuredWeight);
        Server[] servers = candidates.servers();
        int[] weights = candidates.weights();
        if (previous != null && previous.owns(servers, weights, slots)) {
            return previous.key == key && previous.keyName.equals(keyName)
                    ? previous
                    : new HashScheduler(key, keyName, servers, weights, previous.owners);
        }
        String[] ids = Arrays.stream(servers).map(Server::id).toArray(String[]::new);
        return new HashScheduler(key, keyName, servers, weights, HashSlots.of(ids, weights, slots));
    }

    private boolean owns(Server[] others, int[] otherWeights, int slots) {
        return Arrays.equals(servers, others) && Arrays.equals(weights, otherWeights) && owners.length == slots;
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        return pickBy(
                switch (key) {
                    case SOURCE -> source(flow);
                    case FOUR_TUPLE ->
                        Mix.hash(
                                flow.sourceHigh(),
                                flow.sourceLow(),
                                flow.destinationHigh(),
                                flow.destinationLow(),
                                (flow.sourcePort() << Character.SIZE) | flow.destinationPort());
                    default -> flow instanceof HttpFlow request ? ofRequest(request) : source(flow);
                },
                flow);
    }

    private static long source(Flow flow) {
        return Mix.hash(flow.sourceHigh(), flow.sourceLow());
    }

    private long ofRequest(HttpFlow request) {
        if (key == ConsistentHash.Key.QUERY) {
            return ofQuery(request);
        }
        CharSequence text = switch (key) {
            case HEADER -> request.header(keyName);
            case COOKIE -> request.cookie(keyName);
            default -> request.path();
        };
        return text == null ? source(request) : Mix.hash(text, 0, text.length());
    }

    private long ofQuery(HttpFlow request) {
        CharSequence query = request.query();
        int end = query == null ? 0 : query.length();
        for (int at = 0; query != null && at < end; ) {
            int value = at + keyName.length() + 1;
            boolean here = value <= end && query.charAt(value - 1) == '=' && startsWith(query, at, keyName);
            int next = indexOf(query, '&', here ? value : at);
            if (here) {
                return Mix.hash(query, value, next);
            }
            at = next + 1;
        }
        return source(request);
    }

    private static boolean startsWith(CharSequence text, int at, String prefix) {
        for (int i = 0; i < prefix.length(); i++) {
            if (text.charAt(at + i) != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Where a character is; the end if it is not there. */
    private static int indexOf(CharSequence text, char wanted, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) != wanted) {
            at++;
        }
        return at;
    }

    /** Picks by the hash of whatever the key is. */
    @Nullable
    Server pickBy(long hash, Flow flow) {
        if (servers.length == 0) {
            return null;
        }
        int first = ownerAt(hash);
        return flow.tried(servers[first]) ? next(flow, hash, first) : servers[first];
    }

    @Override
    public boolean keepsAffinity() {
        return true;
    }

    private int ownerAt(long hash) {
        return owners[LoopRandom.below(owners.length, hash)];
    }

    /** After a failed try only. */
    private @Nullable Server next(Flow flow, long hash, int first) {
        for (int draw = 1; draw <= DRAWS; draw++) {
            Server server = servers[ownerAt(Mix.mix(hash + draw * Mix.GOLDEN))];
            if (!flow.tried(server)) {
                return server;
            }
        }
        for (int step = 1; step < servers.length; step++) {
            Server server = servers[(first + step) % servers.length];
            if (!flow.tried(server)) {
                return server;
            }
        }
        return null;
    }
}
