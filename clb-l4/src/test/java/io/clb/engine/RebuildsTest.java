package io.clb.engine;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When pickers are built anew. */
final class RebuildsTest {

    private static final String GROUP = "servers";
    private static final Duration WINDOW = Duration.ofSeconds(30);
    private static final Duration STEP = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final FakeClock clock = new FakeClock();
    private final Control control = new Control("rebuilds-test", clock, new Threads("rebuilds-test", true));
    private final Rebuilds rebuilds = new Rebuilds("rebuilds-test", control, 1, 0, group -> {});

    // written by control; read by the test when control has nothing to do
    private final List<String> built = new ArrayList<>();

    private final List<RunServer> servers = new ArrayList<>();

    @BeforeEach
    void start() {
        control.start();
    }

    @AfterEach
    void end() throws InterruptedException {
        control.post(() -> control.end(() -> {}));
        control.thread().join();
    }

    /** Runs something on control; returns when that, and all that is due, is done. */
    private void onControl(Runnable task) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        control.post(() -> {
            task.run();
            control.later(0, () -> done.complete(null));
        });
        done.get(10, TimeUnit.SECONDS);
    }

    private void pass(Duration time) throws Exception {
        clock.move(time.toNanos());
        onControl(() -> {});
    }

    /** Notes the weights in force for which a scheduler is built. */
    private Scheduler note(GroupView eligible) {
        built.add(IntStream.range(0, eligible.size())
                .mapToObj(i -> Integer.toString(eligible.weight(i)))
                .collect(joining(" ")));
        return (flow, nowNanos) -> null;
    }

    /** What was built since this was asked last. */
    private List<String> built() {
        List<String> since = List.copyOf(built);
        built.clear();
        return since;
    }

    /** Puts a group in force whose servers, of these weights, are all up, and in no slow start. */
    private void begin(int... weights) throws Exception {
        ServerGroupConfig config = config(weights, g -> g.slowStart(WINDOW));
        onControl(() -> {
            Tally tally = new Tally(1);
            RunGroup group = new RunGroup(
                    new RunGroup.Members(
                            config,
                            server -> {
                                RunServer created = new RunServer(GROUP, servers.size(), server, true, tally);
                                servers.add(created);
                                return created;
                            },
                            Ramps.none(true, clock.nanoTime()),
                            clock.nanoTime()),
                    tally);
            Pool.Key key = new Pool.Key(GROUP, config.scheduler(), null);
            Pool pool = new Pool(key, tally, Pool.build(key, group.members(), null, 1, 0));
            rebuilds.built(Map.of(GROUP, group), Map.of(key, pool));
        });
        assertThat(built()).hasSize(1);
    }

    private ServerGroupConfig config(int[] weights, Consumer<ServerGroupConfig.Builder> settings) {
        return requireNonNull(LoadBalancer.builder()
                .serverGroup(GROUP, g -> {
                    for (int i = 0; i < weights.length; i++) {
                        int weight = weights[i];
                        g.server("10.0.0.1:" + (1_000 + i), s -> s.weight(weight));
                    }
                    settings.accept(g.healthCheck(HealthCheck.tcp()).scheduler((eligible, previous) -> note(eligible)));
                })
                .build()
                .serverGroups()
                .get(GROUP));
    }

    private void turns(int server, RiseFall health) throws Exception {
        onControl(() -> {
            servers.get(server).health(health);
            rebuilds.changed(GROUP);
        });
    }

    private void fails(int server) throws Exception {
        turns(server, RiseFall.DOWN);
    }

    private void recovers(int server) throws Exception {
        turns(server, RiseFall.UP);
    }

    @Test
    void manyChangesCostOneRebuildInAHundredMilliseconds() throws Exception {
        begin(100, 100, 100);
        fails(0);
        assertThat(built()).containsExactly("100 100");
        fails(1);
        recovers(1);
        fails(1);
        pass(PAUSE.minusNanos(1));
        assertThat(built()).isEmpty();
        pass(Duration.ofNanos(1));
        assertThat(built()).containsExactly("100");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServerThatRecoversRampsOnTheLinesOfTheGrid(boolean whileTheClockWrapsAround) throws Exception {
        if (whileTheClockWrapsAround) {
            clock.move(Long.MAX_VALUE - clock.nanoTime() - WINDOW.toNanos() / 2);
        }
        begin(100, 25);
        fails(1);
        pass(Duration.ofSeconds(2));
        built();
        recovers(1);
        assertThat(built()).containsExactly("100 3");
        pass(Duration.ofSeconds(4).minusNanos(1));
        assertThat(built()).isEmpty();
        pass(Duration.ofNanos(1));
        assertThat(built()).containsExactly("100 5");
        for (int weight : new int[] {8, 10, 13, 15, 18, 20, 23, 25}) {
            pass(STEP.minusNanos(1));
            assertThat(built()).isEmpty();
            pass(Duration.ofNanos(1));
            assertThat(built()).containsExactly("100 " + weight);
        }
        pass(Duration.ofDays(1));
        assertThat(built()).isEmpty();
    }

    @Test
    void aRampStartsAnewWhenItsServerFailsOnTheWay() throws Exception {
        begin(100, 100);
        fails(1);
        pass(PAUSE);
        recovers(1);
        pass(Duration.ofSeconds(15));
        assertThat(built()).last().isEqualTo("100 50");
        pass(PAUSE);
        fails(1);
        assertThat(built()).containsExactly("100");
        pass(Duration.ofSeconds(1));
        recovers(1);
        assertThat(built()).containsExactly("100 10");
    }

    @Test
    void serversThatRecoverOneAfterTheOtherShareTheirSteps() throws Exception {
        int count = 40;
        begin(IntStream.generate(() -> 100).limit(count).toArray());
        for (int i = 0; i < count; i++) {
            fails(i);
        }
        pass(PAUSE);
        assertThat(built()).endsWith("");
        Duration apart = Duration.ofMillis(700);
        for (int i = 0; i < count; i++) {
            pass(apart);
            recovers(i);
        }
        long lines = apart.multipliedBy(count).dividedBy(STEP) + 1;
        assertThat(built()).hasSizeBetween(count, count + (int) lines);
        for (int i = 0; i < 310; i++) {
            pass(PAUSE);
        }
        assertThat(built())
                .hasSizeLessThanOrEqualTo(11)
                .last()
                .isEqualTo(IntStream.range(0, count).mapToObj(i -> "100").collect(joining(" ")));
    }

    @Test
    void aWeightThatCannotBeLessCostsNoRebuild() throws Exception {
        begin(100, 1, 0);
        fails(1);
        fails(2);
        pass(PAUSE);
        built();
        recovers(1);
        recovers(2);
        pass(PAUSE);
        assertThat(built()).endsWith("100 1 0");
        for (int i = 0; i < 12; i++) {
            pass(STEP);
        }
        assertThat(built()).isEmpty();
    }

    @Test
    void aStepWaitsForThePauseToBeOver() throws Exception {
        begin(100, 100, 100);
        fails(1);
        pass(PAUSE);
        recovers(1);
        pass(STEP.multipliedBy(2).minus(PAUSE).minusMillis(10));
        fails(2);
        assertThat(built()).last().isEqualTo("100 10");
        pass(Duration.ofMillis(10));
        assertThat(built()).isEmpty();
        pass(PAUSE.minusMillis(10));
        assertThat(built()).containsExactly("100 20");
    }

    @Test
    void timeThatJumpsCostsOneRebuild() throws Exception {
        begin(100, 100);
        fails(1);
        pass(PAUSE);
        recovers(1);
        assertThat(built()).last().isEqualTo("100 10");
        pass(Duration.ofHours(1));
        assertThat(built()).containsExactly("100 100");
    }

    @Test
    void aGroupThatIsGoneIsLeftAlone() throws Exception {
        begin(100, 100);
        fails(1);
        pass(PAUSE);
        recovers(1);
        assertThat(built()).last().isEqualTo("100 10");
        onControl(() -> rebuilds.built(Map.of(), Map.of()));
        pass(WINDOW);
        assertThat(built()).isEmpty();
    }
}
