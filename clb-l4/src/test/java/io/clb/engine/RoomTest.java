package io.clb.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.ServerConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The only place on a server, and two loops, of which one has ended. */
final class RoomTest {

    private static final int ENDED = 1;

    private final AtomicInteger active = new AtomicInteger();
    private final ConnectQueue group = new ConnectQueue(2, null);
    private final Queue<Runnable> posted = new ArrayDeque<>();
    private final Room room = open();

    /** One who waits, and waits again when there was no room after all. */
    private final class Client extends Wait {

        private int served;
        private int dismissed;

        @Override
        protected void found(RunServer server) {
            served++;
        }

        @Override
        protected void inVain() {
            dismissed++;
            assertThat(group.tryAdd(this, 0, 0)).isTrue();
        }
    }

    private Room open() {
        Config config = LoadBalancer.builder()
                .serverGroup("g", g -> g.server("127.0.0.1:1", s -> s.maxConnections(1)))
                .build();
        ServerConfig server =
                requireNonNull(config.serverGroups().get("g")).servers().get(0);
        Room made = new Room(
                new RunServer("g", 0, server, true, new Tally(2)),
                active,
                (loop, task) -> loop != ENDED && posted.add(task),
                group);
        made.configure(server);
        group.rooms(List.of(made));
        group.most(1_000);
        made.open();
        return made;
    }

    @Test
    void aLoopThatHasEndedHoldsNobodyUp() {
        Client gone = new Client();
        Client there = new Client();
        assertThat(room.tryTake()).isTrue();
        assertThat(group.tryAdd(gone, ENDED, 1)).isTrue();
        assertThat(group.tryAdd(there, 0, 10_000_000)).isTrue();
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> room.free(0));
        posted.remove().run();
        assertThat(there.served).isEqualTo(1);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> room.free(0));
        assertThat(active.get()).isZero();
        assertThat(room.tryTake()).isTrue();
        assertThat(gone.served).isZero();
    }

    @Test
    void whoWaitsOnAnEndedLoopAloneLeavesThePlaceFree() {
        assertThat(room.tryTake()).isTrue();
        assertThat(group.tryAdd(new Client(), ENDED, 1)).isTrue();
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> room.free(0));
        assertTimeoutPreemptively(Duration.ofSeconds(10), room::open);
        assertThat(active.get()).isZero();
    }

    /** Each of them may look for a server, connect, or end: the loop has other things to do in between. */
    @Test
    void thoseWhoAreToLookAnewDoSoAPartAtATimeAndOnce() {
        List<Client> all = Stream.generate(Client::new).limit(600).toList();
        all.forEach(client -> assertThat(group.tryAdd(client, 0, 0)).isTrue());
        Room.dismiss(group, (loop, task) -> loop != ENDED && posted.add(task));
        for (int told : new int[] {256, 512, 600}) {
            posted.remove().run();
            assertThat(all.stream().mapToInt(client -> client.dismissed).sum()).isEqualTo(told);
        }
        assertThat(posted).isEmpty();
        assertThat(all).allMatch(client -> client.dismissed == 1);
        assertThat(group.waiting()).isEqualTo(600);
    }
}
