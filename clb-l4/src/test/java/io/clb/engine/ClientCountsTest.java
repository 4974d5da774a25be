package io.clb.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.contract.FakeFlow;
import io.clb.spi.Flow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ClientCountsTest {

    /** Any client may have so many. */
    private static final int MOST = 3;

    private static long hash(long client) {
        return Keys.of(0, client, 1);
    }

    @Property
    void letsInAsManyOfEachClientAsItMay(@ForAll @IntRange(min = 1, max = 300) int connections, @ForAll long seed) {
        ClientCounts counts = new ClientCounts(connections, 64, 1);
        SplittableRandom random = new SplittableRandom(seed);
        Map<Long, Integer> open = new HashMap<>();
        List<Long> flows = new ArrayList<>();
        for (int step = 0; step < 2_000; step++) {
            if (flows.size() < connections && random.nextInt(5) < 3) {
                long client = random.nextLong(connections);
                boolean in = open.getOrDefault(client, 0) < MOST;
                assertThat(counts.tryBegin(hash(client), MOST)).isEqualTo(in);
                if (in) {
                    open.merge(client, 1, Integer::sum);
                    flows.add(client);
                }
            } else if (!flows.isEmpty()) {
                long client = flows.remove(random.nextInt(flows.size()));
                counts.end(hash(client));
                open.merge(client, -1, Integer::sum);
            }
        }
        open.forEach((client, count) -> assertThat(counts.count(hash(client))).isEqualTo(count));
    }

    @Test
    void hasAPlaceForEachOfAMillionClientsWithOneConnectionEach() {
        int clients = 1 << 20;
        ClientCounts counts = new ClientCounts(clients, 64, 1);
        for (int round = 0; round < 2; round++) {
            for (long client = 0; client < clients; client++) {
                assertThat(counts.tryBegin(hash(client), 1)).isTrue();
            }
            for (long client = 0; client < clients; client++) {
                counts.end(hash(client));
            }
        }
    }

    private static ClientCounts of(int connections, int ipv6Bits, @Nullable ClientCounts before) {
        Config config = LoadBalancer.builder()
                .serverGroup("servers", g -> {})
                .listener(
                        "front",
                        l -> l.tcp(0)
                                .maxConnections(connections)
                                .maxConnectionsPerClient(MOST)
                                .ipv6ClientBits(ipv6Bits)
                                .forwardTo("servers"))
                .build();
        return requireNonNull(ClientCounts.of(requireNonNull(config.listeners().get("front")), before));
    }

    /** A flow ends in the table that it began in. */
    private record Counted(ClientCounts in, int client) {}

    private static Flow ofClient(int client) {
        return client % 2 == 0 ? new FakeFlow().from(0, FakeFlow.ipv4(192, 0, 2, client)) : ofIpv6(client);
    }

    /** Each of another network of 64 bits, all of one of 48. */
    private static Flow ofIpv6(int network) {
        return new FakeFlow().from(0x2001_0db8_0000_0000L + network, 1);
    }

    @Property(tries = 100)
    void goesOnWhenThereIsToBeMoreRoom(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int connections = 1;
        ClientCounts counts = of(connections, 64, null);
        int[] open = new int[8];
        List<Counted> flows = new ArrayList<>();
        for (int step = 0; step < 1_000; step++) {
            int what = random.nextInt(20);
            if (what == 0) {
                connections = Math.min(connections * 2, 1_000);
                counts = of(connections, 64, counts);
            } else if (what < 12 && flows.size() < connections) {
                int client = random.nextInt(open.length);
                boolean in = open[client] < MOST;
                assertThat(counts.tryBegin(ofClient(client), MOST)).isEqualTo(in);
                if (in) {
                    open[client]++;
                    flows.add(new Counted(counts, client));
                }
            } else if (!flows.isEmpty()) {
                Counted counted = flows.remove(random.nextInt(flows.size()));
                counted.in.end(ofClient(counted.client));
                open[counted.client]--;
            }
        }
    }

    /** Those of IPv4 are who they were. Of IPv6, those who are connected no longer count, and end where they began. */
    @Test
    void countsClientsOfIpv6AnewWhenWhatIsOneChanges() {
        Flow four = ofClient(0);
        Flow six = ofIpv6(0);
        ClientCounts before = of(100, 64, null);
        for (Flow flow : List.of(four, six)) {
            assertThat(before.tryBegin(flow, 1)).isTrue();
        }
        ClientCounts after = of(100, 48, before);
        assertThat(after.tryBegin(four, 1)).isFalse();
        assertThat(after.tryBegin(six, 1)).isTrue();
        assertThat(after.tryBegin(ofIpv6(1), 1)).isFalse();
        before.end(six);
        assertThat(after.tryBegin(six, 1)).isFalse();
        before.end(four);
        assertThat(after.tryBegin(four, 1)).isTrue();
        after.end(six);
        assertThat(after.tryBegin(six, 1)).isTrue();
    }

    @Test
    void endsNothingThatItDidNotCount() {
        ClientCounts counts = new ClientCounts(10, 64, 1);
        counts.end(hash(1));
        assertThat(counts.tryBegin(hash(1), 1)).isTrue();
        assertThat(counts.tryBegin(hash(1), 1)).isFalse();
    }
}
