package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The wheel beside a map of deadlines: whatever is armed, moved, cancelled and passed over, both agree on what is due. */
final class TimerWheelTest {

    private static final long TICK = 1 << 22;
    private static final int TIMEOUTS = 8;

    /** What a test does to the wheel, from outside or from within an expiry. */
    private sealed interface Step {}

    /** Arms, or moves, one of the timeouts. */
    private record Arm(int id, long delay) implements Step {}

    private record Cancel(int id) implements Step {}

    /** Time goes on; below 0 it goes back, as no clock should. */
    private record Advance(long by) implements Step {}

    /** The wheel, and what should be in it. Times count from the wheel's beginning. */
    private static final class Checked {

        private final long origin;
        private final TimerWheel wheel;
        private final List<One> timeouts = new ArrayList<>();
        private final Map<Integer, Long> due = new HashMap<>();
        private final List<Step> reactions;
        private long now;
        private long latest;
        private int nextReaction;
        private int expiries;

        private final class One extends Timeout {

            private final int id;

            One(int id) {
                this.id = id;
            }

            @Override
            protected void expired(long nowNanos) {
                assertThat(nowNanos - origin).as("the time told").isEqualTo(now);
                assertThat(due).as("armed, and not expired since").containsKey(id);
                assertThat(due.remove(id)).as("not early").isLessThanOrEqualTo(now);
                assertThat(isArmed()).isFalse();
                expiries++;
                if (nextReaction < reactions.size()) {
                    react(reactions.get(nextReaction++));
                }
            }
        }

        Checked(long origin, List<Step> reactions) {
            this.origin = origin;
            this.wheel = new TimerWheel(origin);
            this.reactions = reactions;
            for (int id = 0; id < TIMEOUTS; id++) {
                timeouts.add(new One(id));
            }
        }

        void react(Step step) {
            if (step instanceof Arm arm) {
                long deadline = Math.max(latest, now + Math.max(0, arm.delay));
                due.put(arm.id, deadline);
                long tick = wheel.arm(timeouts.get(arm.id), origin + now + arm.delay);
                assertThat(wheel.nanosAt(tick) - origin)
                        .as("something is to be done in time")
                        .isLessThanOrEqualTo(deadline + TICK);
                assertThat(wheel.nextTick()).isLessThanOrEqualTo(tick);
            } else if (step instanceof Cancel cancel) {
                due.remove(cancel.id);
                wheel.cancel(timeouts.get(cancel.id));
            } else if (step instanceof Advance advance) {
                now += advance.by;
                int before = expiries;
                wheel.advance(origin + now);
                if (now < latest) {
                    assertThat(expiries)
                            .as("nothing is due that was not before")
                            .isEqualTo(before);
                } else {
                    latest = now;
                    assertThat(due.values())
                            .as("none is more than a tick late")
                            .allSatisfy(deadline -> assertThat(deadline).isGreaterThan(now - TICK));
                }
            }
            for (One timeout : timeouts) {
                assertThat(timeout.isArmed()).isEqualTo(due.containsKey(timeout.id));
            }
        }

        /** Sleeps as a loop does, until the wheel has something to do, and tells for how long. */
        void sleep() {
            long next = wheel.nanosAt(wheel.nextTick()) - origin;
            assertThat(next).as("nobody wakes for nothing").isGreaterThan(now - TICK);
            react(new Advance(Math.max(0, next - now)));
        }
    }

    @Property
    void nothingIsEarlyLostOrTwice(
            @ForAll long origin, @ForAll("steps") List<Step> steps, @ForAll("reactions") List<Step> reactions) {
        Checked checked = new Checked(origin, reactions);
        steps.forEach(checked::react);
        checked.react(new Advance(TimeUnit.DAYS.toNanos(301)));
        checked.reactions.clear();
        checked.react(new Advance(TimeUnit.DAYS.toNanos(301)));
        assertThat(checked.due).isEmpty();
    }

    /** Then all that is due waits for the time that was reached before, and a tick. */
    @Property
    void nothingIsEarlyLostOrTwiceWhenTheClockGoesBack(
            @ForAll long origin, @ForAll("stepsBothWays") List<Step> steps, @ForAll("reactions") List<Step> reactions) {
        Checked checked = new Checked(origin, reactions);
        steps.forEach(checked::react);
        checked.react(new Advance(checked.latest - checked.now + TICK));
        checked.reactions.clear();
        checked.react(new Advance(TimeUnit.DAYS.toNanos(301)));
        checked.react(new Advance(TimeUnit.DAYS.toNanos(301)));
        assertThat(checked.due).isEmpty();
    }

    @Property
    void aLoopThatSleepsUntilTheNextTickIsInTime(@ForAll long origin, @ForAll("arms") List<Step> arms) {
        Checked checked = new Checked(origin, List.of());
        arms.forEach(checked::react);
        int waits = 0;
        while (!checked.due.isEmpty()) {
            long earliest = checked.due.values().stream()
                    .mapToLong(Long::longValue)
                    .min()
                    .orElseThrow();
            int before = checked.expiries;
            checked.sleep();
            if (checked.expiries > before) {
                assertThat(checked.now).isLessThanOrEqualTo(earliest + TICK);
            }
            waits++;
        }
        assertThat(waits)
                .as("one wait for each level, and for each turn of the last, of each timeout")
                .isLessThanOrEqualTo((5 + 300 / 52) * TIMEOUTS);
    }

    @Provide
    Arbitrary<Long> delays() {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(-TICK, 3 * TICK),
                Arbitraries.longs().between(0, TimeUnit.SECONDS.toNanos(20)),
                Arbitraries.longs().between(0, TimeUnit.MINUTES.toNanos(20)),
                Arbitraries.longs().between(0, TimeUnit.DAYS.toNanos(30)),
                Arbitraries.longs().between(0, TimeUnit.DAYS.toNanos(300)),
                Arbitraries.integers().between(0, 1 << 20).map(ticks -> ticks * TICK));
    }

    @Provide
    Arbitrary<List<Step>> arms() {
        return arm().list().ofMinSize(1).ofMaxSize(20);
    }

    @Provide
    Arbitrary<List<Step>> reactions() {
        return Arbitraries.oneOf(arm(), cancel()).list().ofMaxSize(30).map(ArrayList::new);
    }

    @Provide
    Arbitrary<List<Step>> stepsBothWays() {
        Arbitrary<Step> advance = delays().map(Advance::new);
        Arbitrary<Step> back = delays().map(by -> new Advance(-Math.abs(by)));
        return Arbitraries.oneOf(arm(), arm(), cancel(), advance, advance, back)
                .list()
                .ofMaxSize(100);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Step> advance = delays().map(by -> new Advance(Math.max(0, by)));
        return Arbitraries.oneOf(arm(), arm(), cancel(), advance, advance)
                .list()
                .ofMaxSize(100);
    }

    private Arbitrary<Step> arm() {
        return Combinators.combine(ids(), delays()).as(Arm::new);
    }

    private Arbitrary<Step> cancel() {
        return ids().map(Cancel::new);
    }

    private Arbitrary<Integer> ids() {
        return Arbitraries.integers().between(0, TIMEOUTS - 1);
    }

    @Example
    void anEmptyWheelHasNothingToDo() {
        TimerWheel wheel = new TimerWheel(0);
        assertThat(wheel.nextTick()).isEqualTo(TimerWheel.NEVER);
        wheel.advance(TimeUnit.DAYS.toNanos(400));
        assertThat(wheel.nextTick()).isEqualTo(TimerWheel.NEVER);
    }
}
