package io.clb.engine;

import io.clb.ListenerConfig;
import io.clb.Options;
import io.clb.spi.Flow;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * How many connections each client has open, in a table of fixed size that all loops share: groups of eight words, each a client's tag and its count. A count of 0 is a
 * free word. No lock; nothing is allocated.
 *
 * <p>A client has its word in one of two groups, the one that had more free (Y. Azar et al., Balanced Allocations, SIAM J. Computing 29, 1999). As there are at least
 * twice as many words as there may be connections, both are hardly ever full: for none of a million clients in a test. Then the client is refused.
 *
 * <p>Two loops that take the first two connections of a client at the same time may both find no word of it, and take one each. So whoever has taken one looks again, and
 * where there is another gives his back and starts anew: the later of the two sees the earlier.
 *
 * <p>A flow ends where it began. So when an update wants more room, the new table goes on beside those before it, which only count down: a client has the sum. Each has at
 * least twice the room of the one before, so all of those together are no larger than the newest, and an update drops those that are empty. When an update changes what of
 * an IPv6 address is a client, the table stays, and is asked by other keys.
 */
final class ClientCounts {

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int GROUP = 8;
    private static final int COUNT_BITS = 24;
    private static final long COUNT = (1L << COUNT_BITS) - 1;

    // stepped by any loop
    private final long[] words;

    private final int groups;
    private final int ipv6Bits;
    private final long seed;

    // written by control; read by any loop
    private volatile @Nullable ClientCounts earlier;

    /**
     * Makes a table.
     *
     * @param connections how many there may be at a time
     * @param ipv6Bits how much of an IPv6 address is a client
     * @param seed unknown to clients, so that they cannot choose groups
     */
    ClientCounts(int connections, int ipv6Bits, long seed) {
        this(table(connections), ipv6Bits, seed, null);
    }

    /** Makes a table that goes on beside those before it. */
    ClientCounts(int connections, int ipv6Bits, ClientCounts earlier) {
        this(table(connections), ipv6Bits, earlier.seed, earlier);
    }

    private ClientCounts(long[] words, int ipv6Bits, long seed, @Nullable ClientCounts earlier) {
        this.words = words;
        this.groups = words.length / GROUP;
        this.ipv6Bits = ipv6Bits;
        this.seed = seed;
        this.earlier = earlier;
    }

    private static long[] table(int connections) {
        int groups = Integer.highestOneBit(Math.max(1, (2 * connections - 1) / GROUP)) * 2;
        return new long[groups * GROUP];
    }

    /**
     * What a listener wants; null without a cap. Control only.
     *
     * @param before what it has, which goes on: those that it counts are counted still, but for clients of IPv6 where what of an address is a client has changed
     */
    static @Nullable ClientCounts of(ListenerConfig listener, @Nullable ClientCounts before) {
        if (listener.get(Options.MAX_CONNECTIONS_PER_CLIENT) == 0) {
            return null;
        }
        int bits = listener.get(Options.IPV6_CLIENT_BITS);
        if (before == null) {
            return new ClientCounts(listener.maxConnections(), bits, new SecureRandom().nextLong());
        }
        before.earlier = inUse(before.earlier);
        if (before.words.length / 2 < listener.maxConnections()) {
            return new ClientCounts(listener.maxConnections(), bits, before);
        }
        return before.ipv6Bits == bits ? before : new ClientCounts(before.words, bits, before.seed, before.earlier);
    }

    /** Those that count anything. */
    private static @Nullable ClientCounts inUse(@Nullable ClientCounts newest) {
        if (newest == null) {
            return null;
        }
        newest.earlier = inUse(newest.earlier);
        return newest.isEmpty() ? newest.earlier : newest;
    }

    private boolean isEmpty() {
        for (int at = 0; at < words.length; at++) {
            if (!isFree(at)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Counts a flow, unless its client has as many as it may.
     *
     * @param most 1 to 1,000,000
     * @return false if it is one too many, or the table has no place for the client
     */
    boolean tryBegin(Flow flow, int most) {
        return tryBegin(client(flow), most);
    }

    /** Ends what {@link #tryBegin} counted. */
    void end(Flow flow) {
        end(client(flow));
    }

    /** No network of one size is taken for one of another. */
    private long client(Flow flow) {
        boolean ipv4 = Addresses.isIpv4(flow.sourceHigh(), flow.sourceLow());
        return Keys.ofClient(flow, ipv6Bits, ipv4 ? seed : seed + ipv6Bits);
    }

    boolean tryBegin(long client, int most) {
        ClientCounts others = earlier;
        int here = others == null ? most : most - others.count(client);
        return here > 0 && tryBeginHere(client, here);
    }

    private boolean tryBeginHere(long client, int most) {
        while (true) {
            int at = find(client, -1);
            if (at >= 0) {
                long word = (long) WORD.getVolatile(words, at);
                if (!isOf(word, client)) {
                    continue;
                }
                if ((word & COUNT) >= most) {
                    return false;
                }
                if (WORD.compareAndSet(words, at, word, word + 1)) {
                    return true;
                }
                continue;
            }
            int free = free(client);
            if (free < 0) {
                return false;
            }
            long before = (long) WORD.getVolatile(words, free);
            if ((before & COUNT) != 0 || !WORD.compareAndSet(words, free, before, tag(client) | 1)) {
                continue;
            }
            if (find(client, free) < 0) {
                return true;
            }
            // Not from that word: an end on another loop may have taken it already, and left the other one for us.
            end(client);
        }
    }

    void end(long client) {
        while (true) {
            int at = find(client, -1);
            if (at < 0) {
                return;
            }
            long word = (long) WORD.getVolatile(words, at);
            if (isOf(word, client) && WORD.compareAndSet(words, at, word, word - 1)) {
                return;
            }
        }
    }

    /** How many connections a client has, in all tables. */
    int count(long client) {
        ClientCounts others = earlier;
        int at = find(client, -1);
        long word = at < 0 ? 0 : (long) WORD.getVolatile(words, at);
        // By now it may be another's.
        int here = isOf(word, client) ? (int) (word & COUNT) : 0;
        return others == null ? here : here + others.count(client);
    }

    private static long tag(long client) {
        return client & ~COUNT;
    }

    /** Whether a word counts connections of that client. */
    private static boolean isOf(long word, long client) {
        return (word & COUNT) != 0 && tag(word) == tag(client);
    }

    /** The word of a client, but for one that is known; -1 for none. */
    private int find(long client, int but) {
        int at = findIn(first(client), client, but);
        return at >= 0 ? at : findIn(second(client), client, but);
    }

    private int findIn(int group, long client, int but) {
        for (int at = group; at < group + GROUP; at++) {
            if (at != but && isOf((long) WORD.getVolatile(words, at), client)) {
                return at;
            }
        }
        return -1;
    }

    /** A word that counts nothing, of the group that has more of them; -1 for none. */
    private int free(long client) {
        int first = first(client);
        int second = second(client);
        int group = countFree(first) >= countFree(second) ? first : second;
        for (int at = group; at < group + GROUP; at++) {
            if (isFree(at)) {
                return at;
            }
        }
        return -1;
    }

    private int countFree(int group) {
        int free = 0;
        for (int at = group; at < group + GROUP; at++) {
            free += isFree(at) ? 1 : 0;
        }
        return free;
    }

    private boolean isFree(int at) {
        return ((long) WORD.getVolatile(words, at) & COUNT) == 0;
    }

    private int first(long client) {
        return ((int) client & (groups - 1)) * GROUP;
    }

    /** By bits that the first group is not chosen by, as far as there are some. */
    private int second(long client) {
        return ((int) (client >>> Integer.SIZE) & (groups - 1)) * GROUP;
    }
}
