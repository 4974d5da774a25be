package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.spi.Reason;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whom it meets when more is held than may be. */
class BacklogTest {

    private static final int MEBIBYTE = 1 << 20;

    private final EmbeddedChannel one = new EmbeddedChannel();
    private final EmbeddedChannel other = new EmbeddedChannel();
    private final FakeClock clock = new FakeClock();
    private final Loop first = new Loop(0, one.eventLoop(), clock, EngineSetup.ALLOCATOR);
    private final Loop second = new Loop(1, other.eventLoop(), clock, EngineSetup.ALLOCATOR);
    private final ByteBudget budget = budget();

    private ByteBudget budget() {
        Config config = LoadBalancer.builder().maxBufferedMiB(10).build();
        ByteBudget ofTen = new ByteBudget(first, second);
        ofTen.configure(config);
        return ofTen;
    }

    @AfterEach
    void close() {
        one.finishAndReleaseAll();
        other.finishAndReleaseAll();
    }

    /** A flow that holds what the test says. */
    private static final class Holder extends LoopFlow {

        private long holds;
        private @Nullable Reason ended;

        Holder(Loop loop) {
            super(loop, new RunListener("front", 2), new Origin(null, null, null));
        }

        void holds(double mebibytes) {
            holds = (long) (mebibytes * MEBIBYTE);
            owner().backlog().look(this);
        }

        @Override
        protected long heldBytes() {
            return holds;
        }

        @Override
        protected void abort(Reason reason) {
            ended = reason;
            holds = 0;
            owner().backlog().forget(this);
        }

        @Override
        protected void expired(long nowNanos) {}

        @Override
        protected @Nullable RunServer server() {
            return null;
        }

        @Override
        protected long connectNanos() {
            return 0;
        }
    }

    private static List<Holder> on(Loop loop, int flows) {
        return IntStream.range(0, flows).mapToObj(i -> new Holder(loop)).toList();
    }

    private void turn() {
        one.runPendingTasks();
        other.runPendingTasks();
    }

    @Test
    void thoseThatHoldMostEndUntilThereIsSomeRoom() {
        List<Holder> flows = on(first, 5);
        for (int i = 0; i < 5; i++) {
            flows.get(i).holds(1 + i * 0.75);
        }
        assertThat(flows).filteredOn(flow -> flow.ended != null).containsExactly(flows.get(4));
        assertThat(flows.get(4).ended).isEqualTo(Reason.MEMORY);
        assertThat(budget.held()).isEqualTo((long) (8.5 * MEBIBYTE));
    }

    @Test
    void whatLeftMeanwhileIsNoReasonToEndAnybody() {
        List<Holder> flows = on(first, 3);
        flows.get(0).holds(6);
        flows.get(0).holds = 0;
        flows.get(1).holds(5);
        assertThat(flows).allMatch(flow -> flow.ended == null);
        assertThat(budget.held()).isEqualTo(5L * MEBIBYTE);
        assertThat(first.backlog().hasRoom()).isTrue();
        flows.get(2).holds(4.5);
        assertThat(first.backlog().hasRoom()).isFalse();
    }

    /** The little that one loop holds is not to blame for the much of another. */
    @Test
    void aLoopThatHoldsLessThanItsShareAsksTheOther() {
        List<Holder> many = on(second, 2);
        many.forEach(flow -> flow.holds(4.9));
        Holder little = new Holder(first);
        little.holds(1);
        assertThat(Stream.concat(many.stream(), Stream.of(little))).allMatch(flow -> flow.ended == null);
        turn();
        assertThat(little.ended).isNull();
        assertThat(many).filteredOn(flow -> flow.ended == Reason.MEMORY).hasSize(1);
        assertThat(budget.isExceeded()).isFalse();
    }

    /** It is held up, and what it holds does not become less. */
    @Test
    void aLoopThatHoldsLessThanItsShareEndsItsOwnWhereTheOtherDoesNotComeToIt() {
        Holder much = new Holder(second);
        much.holds(9);
        List<Holder> little = on(first, 2);
        little.get(0).holds(1);
        little.get(1).holds(1.24);
        assertThat(little).allMatch(flow -> flow.ended == null);
        little.get(1).holds(1.26);
        assertThat(little).filteredOn(flow -> flow.ended == Reason.MEMORY).containsExactly(little.get(1));
        assertThat(much.ended).isNull();
    }

    @Test
    void bytesThatLeaveAreNoticedSoon() {
        Holder flow = new Holder(first);
        flow.holds(3);
        flow.holds = 0;
        clock.advance(Duration.ofMillis(110));
        first.clockMoved();
        assertThat(budget.held()).isZero();
    }
}
