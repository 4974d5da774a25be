package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
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

    @Test
    void endsNothingThatItDidNotCount() {
        ClientCounts counts = new ClientCounts(10, 64, 1);
        counts.end(hash(1));
        assertThat(counts.tryBegin(hash(1), 1)).isTrue();
        assertThat(counts.tryBegin(hash(1), 1)).isFalse();
    }
}
