package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.contract.FakeServer;
import io.clb.spi.Outcome;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.Server;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every scheduler of the catalogue, beyond what any scheduler must do. */
class CatalogueTest {

    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(10);

    static List<SchedulerFactory> catalogue() {
        return Schedulers.catalogue();
    }

    /** Many clients, each with a flow that runs for a while; servers of very different weight and speed. */
    @ParameterizedTest
    @MethodSource("catalogue")
    void letsNoServerStarve(SchedulerFactory factory) {
        int[] weights = {100, 50, 0, 1, 7, 100, 2};
        FakeGroup group = FakeGroup.ofWeights(weights);
        int[] taken = run(factory, group, new Random(1), 30_000);
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] == 0) {
                assertThat(taken[i]).isZero();
            } else {
                assertThat(taken[i]).isPositive();
            }
        }
    }

    /** The same with more servers than a pick looks at. */
    @ParameterizedTest
    @MethodSource("catalogue")
    void letsNoneOfAThousandServersStarve(SchedulerFactory factory) {
        FakeGroup group = FakeGroup.ofWeights(
                IntStream.range(0, 1_000).map(i -> 50 + i % 51).toArray());
        assertThat(Arrays.stream(run(factory, group, new Random(2), 40_000))).allMatch(count -> count > 0);
    }

    /** A successor that is built for every change must not begin with the first server each time. */
    @ParameterizedTest
    @MethodSource("catalogue")
    void letsNoServerStarveThroughRebuildsWithEveryPick(SchedulerFactory factory) {
        FakeGroup all = FakeGroup.ofWeights(100, 100, 100, 100);
        FakeGroup fewer = all.without(3);
        int[] taken = new int[4];
        Random random = new Random(3);
        Scheduler scheduler = factory.create(all, null);
        for (int i = 0; i < 200; i++) {
            scheduler = factory.create(i % 2 == 0 ? fewer : all, scheduler);
            Server server = scheduler.pick(client(random), i * TICK);
            assertThat(server).isNotNull();
            taken[server.slot()]++;
            scheduler.released(server, Outcome.SUCCESS, TICK, i * TICK);
        }
        assertThat(Arrays.stream(taken)).allMatch(count -> count > 10);
    }

    /** Each flow runs for five ticks, longer the lighter its server is. */
    private static int[] run(SchedulerFactory factory, FakeGroup group, Random random, int flows) {
        Scheduler scheduler = factory.create(group, null);
        int[] taken = new int[group.size()];
        FakeServer[] running = new FakeServer[5];
        for (int i = 0; i < flows; i++) {
            long now = i * TICK;
            FakeServer ended = running[i % running.length];
            if (ended != null) {
                ended.active(ended.active() - 1);
                scheduler.released(ended, Outcome.SUCCESS, TICK * 500 / (5 + ended.weight()), now);
            }
            Server server = scheduler.pick(client(random), now);
            assertThat(server).isNotNull();
            taken[server.slot()]++;
            FakeServer begun = group.server(server.slot());
            begun.active(begun.active() + 1);
            running[i % running.length] = begun;
        }
        return taken;
    }

    private static FakeFlow client(Random random) {
        return new FakeFlow().from(random.nextLong(), random.nextLong()).fromPort(random.nextInt(65_536));
    }
}
