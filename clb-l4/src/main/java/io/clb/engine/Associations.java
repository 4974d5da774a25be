package io.clb.engine;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The associations of one listening socket, by their clients' addresses and ports: a chained hash table whose links are the associations themselves, so that
 * looking up allocates no key. The hash is keyed, as anyone can choose, or forge, the addresses that datagrams come from, and could choose such as meet in one
 * chain. Bounded by {@code maxConnections} of the listener; never gets smaller. Confined to the socket's loop.
 */
final class Associations {

    /** Not measured. */
    private static final int LEAST_BUCKETS = 64;

    private final long key;
    private @Nullable DatagramFlow[] buckets = new DatagramFlow[LEAST_BUCKETS];
    private int size;

    Associations(long key) {
        this.key = key;
    }

    int size() {
        return size;
    }

    @Nullable
    DatagramFlow find(InetSocketAddress client) {
        byte[] address = client.getAddress().getAddress();
        long high = LoopFlow.high(address);
        long low = LoopFlow.low(address);
        int port = client.getPort();
        DatagramFlow flow = buckets[bucket(high, low, port)];
        while (flow != null && (flow.senderLow() != low || flow.senderPort() != port || flow.senderHigh() != high)) {
            flow = flow.nextInBucket;
        }
        return flow;
    }

    /** Adds an association of a client that has none here. */
    void add(DatagramFlow flow) {
        if (size == buckets.length) {
            grow();
        }
        link(flow);
        size++;
    }

    private void grow() {
        List<DatagramFlow> all = all();
        buckets = new DatagramFlow[2 * buckets.length];
        all.forEach(this::link);
    }

    private void link(DatagramFlow flow) {
        int bucket = bucket(flow);
        flow.nextInBucket = buckets[bucket];
        buckets[bucket] = flow;
    }

    /** Removes an association; does nothing if it is not here. */
    void remove(DatagramFlow flow) {
        int bucket = bucket(flow);
        DatagramFlow previous = null;
        DatagramFlow at = buckets[bucket];
        while (at != null && at != flow) {
            previous = at;
            at = at.nextInBucket;
        }
        if (at == null) {
            return;
        }
        if (previous == null) {
            buckets[bucket] = flow.nextInBucket;
        } else {
            previous.nextInBucket = flow.nextInBucket;
        }
        flow.nextInBucket = null;
        size--;
    }

    /** A list of all of them, which they may leave meanwhile. */
    List<DatagramFlow> all() {
        List<DatagramFlow> all = new ArrayList<>(size);
        for (DatagramFlow first : buckets) {
            for (DatagramFlow flow = first; flow != null; flow = flow.nextInBucket) {
                all.add(flow);
            }
        }
        return all;
    }

    private int bucket(DatagramFlow flow) {
        return bucket(flow.senderHigh(), flow.senderLow(), flow.senderPort());
    }

    private int bucket(long high, long low, int port) {
        return (int) mix(mix(mix(high ^ key) + low) + port) & buckets.length - 1;
    }

    /** A 64-bit finalizer (Stafford's variant 13). */
    private static long mix(long z) {
        long a = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ a >>> 27) * 0x94d049bb133111ebL;
        return b ^ b >>> 31;
    }
}
