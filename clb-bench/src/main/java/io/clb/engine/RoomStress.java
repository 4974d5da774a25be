package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.ServerConfig;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The only place on a server, and two loops that want it: what is sent to a loop is run by its actor, and what comes later by the arbiter. */
public class RoomStress {

    private static final ServerConfig ONE_PLACE = onePlace();

    private RoomStress() {}

    private static ServerConfig onePlace() {
        Config config = LoadBalancer.builder()
                .serverGroup("g", g -> g.server("127.0.0.1:1", s -> s.maxConnections(1)))
                .build();
        return requireNonNull(config.serverGroups().get("g")).servers().get(0);
    }

    /** A flow that wants the place. */
    private static final class Client extends Wait {

        private int served;

        @Override
        protected void found(RunServer server) {
            served++;
        }

        @Override
        protected void inVain() {
            throw new AssertionError("nobody dismisses it");
        }
    }

    /** The room, and what was sent to its loops. */
    private static class Place {

        private final AtomicInteger active = new AtomicInteger();
        private final ConnectQueue group = new ConnectQueue(2, null);
        private final Queue<Runnable> first = new ConcurrentLinkedQueue<>();
        private final Queue<Runnable> second = new ConcurrentLinkedQueue<>();
        private final Room room = new Room(
                new RunServer("g", 0, ONE_PLACE, true, new Tally(2)),
                active,
                (loop, task) -> (loop == 0 ? first : second).add(task),
                group);

        Place() {
            group.most(2);
            room.configure(ONE_PLACE);
            room.open();
            room.tryTake();
        }

        /** Takes the place, or waits for it. */
        final void come(Client client, int loop) {
            if (room.tryTake()) {
                client.served++;
            } else {
                group.tryAdd(client, loop, 0);
                room.look(loop);
            }
        }

        final void leave(int loop) {
            room.free(loop);
        }

        /** Runs what was sent, until nothing comes any more. */
        final void settle() {
            for (Runnable task = next(); task != null; task = next()) {
                task.run();
            }
        }

        private @Nullable Runnable next() {
            Runnable task = first.poll();
            return task == null ? second.poll() : task;
        }

        final int active() {
            return active.get();
        }
    }

    /** Who has the place leaves while another comes. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "It has the place.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "It waits for ever beside a free place, or the count is wrong.")
    @State
    public static class OneLeavesOneComes {

        private final Place place = new Place();
        private final Client client = new Client();

        @Actor
        public void leaves() {
            place.leave(0);
        }

        @Actor
        public void comes() {
            place.come(client, 1);
        }

        @Arbiter
        public void afterwards(II_Result result) {
            place.settle();
            result.r1 = client.served;
            result.r2 = place.active();
        }
    }

    /** Who has the place leaves and wants it again, while another comes: one has it, and one waits. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "One has the place.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Both have it, or none, or the count is wrong.")
    @State
    public static class OneLeavesTwoCome {

        private final Place place = new Place();
        private final Client one = new Client();
        private final Client other = new Client();

        @Actor
        public void leavesAndComesBack() {
            place.leave(0);
            place.come(one, 0);
        }

        @Actor
        public void comes() {
            place.come(other, 1);
        }

        @Arbiter
        public void afterwards(II_Result result) {
            place.settle();
            result.r1 = one.served + other.served;
            result.r2 = place.active();
        }
    }

    /** Who has the place leaves while one that waits for it does so too. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "The place is free.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "The place is lost.")
    @State
    public static class BothLeave {

        private final Place place = new Place();
        private final Client client = new Client();

        public BothLeave() {
            place.come(client, 1);
        }

        @Actor
        public void leaves() {
            place.leave(0);
        }

        @Actor
        public void waitsNoMore() {
            client.cancel();
        }

        @Arbiter
        public void afterwards(II_Result result) {
            place.settle();
            result.r1 = client.served;
            result.r2 = place.active();
        }
    }
}
