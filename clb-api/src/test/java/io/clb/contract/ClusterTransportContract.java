package io.clb.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.clb.spi.ClusterTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What everything that carries messages among the nodes of a cluster must do. */
public abstract class ClusterTransportContract {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration OFTEN = Duration.ofMillis(20);

    /** A node ends within a second or two, and so do its last threads. */
    private static final Duration END = Duration.ofSeconds(5);

    private static final int SEED = 7;
    private static final int LARGE = 100 * 1024;

    private final List<ClusterTransport> open = new ArrayList<>();
    private final Random random = new Random(SEED);
    private Set<Thread> threadsBefore = Set.of();

    /** For subclasses. */
    protected ClusterTransportContract() {}

    /**
     * Returns a node of the one cluster of this test.
     *
     * @param number 0 for the first one, 3 at most; none is asked for twice
     * @return the node, not opened, whose threads' names begin with {@code clb-}
     */
    protected abstract ClusterTransport node(int number);

    /** Remembers which threads are not the transport's. */
    @BeforeEach
    protected final void rememberThreads() {
        threadsBefore = threads();
    }

    /** Closes what was opened. */
    @AfterEach
    protected final void closeAll() {
        open.forEach(ClusterTransport::close);
    }

    /**
     * Opens a transport, which is closed with the test.
     *
     * @param transport the transport
     * @return what it is told
     */
    protected final Inbox opened(ClusterTransport transport) {
        Inbox inbox = new Inbox();
        transport.open(inbox);
        open.add(transport);
        return inbox;
    }

    /**
     * Waits until a message of one comes to others, and sends it again and again until it has.
     *
     * @param from who sends
     * @param to who must get it
     * @param message the message
     */
    protected final void carry(ClusterTransport from, byte[] message, Inbox... to) {
        awaitThat("a message came to all", SOON, () -> {
            from.send(message);
            return Stream.of(to).allMatch(inbox -> inbox.has(message));
        });
    }

    /**
     * Makes a message that is like no other.
     *
     * @param size how many bytes
     * @return random ones
     */
    protected final byte[] message(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void awaitThat(String what, Duration atMost, BooleanSupplier condition) {
        long since = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - since).as(what).isLessThan(atMost.toNanos());
            LockSupport.parkNanos(OFTEN.toNanos());
        }
    }

    private static Set<Thread> threads() {
        return Set.copyOf(Thread.getAllStackTraces().keySet());
    }

    private Stream<Thread> threadsSince() {
        return threads().stream().filter(thread -> !threadsBefore.contains(thread));
    }

    private void awaitTheirEnd() {
        awaitThat("all threads have ended", END, () -> threadsSince().findAny().isEmpty());
    }

    /** Of whatever size, and to all others. */
    @Test
    public void messagesComeToAllOthersUnaltered() {
        ClusterTransport first = node(0);
        ClusterTransport second = node(1);
        ClusterTransport third = node(2);
        Inbox firsts = opened(first);
        Inbox seconds = opened(second);
        Inbox thirds = opened(third);
        carry(first, message(1), seconds, thirds);
        carry(second, message(1000), firsts, thirds);
        carry(third, message(LARGE), firsts, seconds);
        assertThat(List.of(firsts, seconds, thirds)).allMatch(Inbox::isConnected);
        assertThat(threadsSince()).allMatch(thread -> thread.getName().startsWith("clb-"));
        first.close();
        second.close();
        third.close();
        awaitTheirEnd();
    }

    /** What is too much is dropped, and what comes then is carried. */
    @Test
    public void aBurstIsTakenAtOnceAndDoesNoHarm() {
        ClusterTransport first = node(0);
        ClusterTransport second = node(1);
        opened(first);
        Inbox seconds = opened(second);
        carry(first, message(10), seconds);
        byte[] large = message(LARGE);
        Thread sender =
                new Thread(() -> Stream.generate(() -> large).limit(5000).forEach(first::send), "burst");
        sender.start();
        awaitThat("all is taken", SOON, () -> !sender.isAlive());
        carry(first, message(10), seconds);
    }

    /** It is opened when the balancer starts, which must not wait for other nodes. */
    @Test
    public void opensAndClosesThoughNobodyIsThere() {
        ClusterTransport alone = node(0);
        opened(alone);
        alone.send(message(10));
        alone.close();
        awaitTheirEnd();
    }

    /** Whoever comes later is heard and hears. */
    @Test
    public void nodesComeAndGo() {
        ClusterTransport first = node(0);
        ClusterTransport second = node(1);
        ClusterTransport third = node(2);
        Inbox firsts = opened(first);
        Inbox seconds = opened(second);
        carry(first, message(10), seconds);
        Inbox thirds = opened(third);
        carry(third, message(10), firsts, seconds);
        carry(first, message(10), seconds, thirds);
        first.close();
        carry(second, message(10), thirds);
        carry(third, message(10), seconds);
        assertThat(seconds.isConnected()).isTrue();
    }

    /** The balancer may send until it has ended. */
    @Test
    public void whatIsSentAfterItsEndGoesNowhere() {
        ClusterTransport first = node(0);
        ClusterTransport second = node(1);
        opened(first);
        Inbox seconds = opened(second);
        carry(first, message(10), seconds);
        first.close();
        byte[] late = message(10);
        assertThatCode(() -> {
                    first.send(late);
                    first.close();
                })
                .doesNotThrowAnyException();
        second.close();
        awaitTheirEnd();
        assertThat(seconds.has(late)).isFalse();
    }

    /** What a transport told: written by its threads, read by the test. */
    protected static final class Inbox implements ClusterTransport.Receiver {

        private final Collection<byte[]> messages = new ConcurrentLinkedQueue<>();
        private final List<String> failures = new CopyOnWriteArrayList<>();
        private volatile boolean connected;

        private Inbox() {}

        @Override
        public void received(byte[] message) {
            messages.add(message);
        }

        @Override
        public void connected() {
            connected = true;
        }

        @Override
        public void disconnected(String why) {
            connected = false;
            failures.add(why);
        }

        /**
         * Tells whether a message came.
         *
         * @param message the message
         * @return whether an equal one is there
         */
        public boolean has(byte[] message) {
            return messages.stream().anyMatch(one -> Arrays.equals(one, message));
        }

        /**
         * Returns how many messages came.
         *
         * @return of all kinds
         */
        public int count() {
            return messages.size();
        }

        /**
         * Tells whether others can be reached.
         *
         * @return as it was told last
         */
        public boolean isConnected() {
            return connected;
        }

        /**
         * Returns why others could not be reached.
         *
         * @return each that was told
         */
        public List<String> failures() {
            return List.copyOf(failures);
        }
    }
}
