package io.clb.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.CookiePrefix;
import io.clb.spi.Flow;
import io.clb.spi.Server;
import io.clb.spi.SessionSticker;
import io.clb.spi.SessionStickerFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every session sticker must do, whatever it knows a client by. Extend it with the factory to test. One that needs HTTP is given requests of
 * clients that keep cookies, any other one connections.
 */
public abstract class SessionStickerContract {

    private static final int LOOPS = 4;
    private static final int CLIENTS = 200;
    private static final long NOW = 5_000_000_000L;

    /** What may stand in a field of a head. */
    private static final Predicate<String> FIELD_VALUE =
            Pattern.compile("[\\x20-\\x7e]+").asMatchPredicate();

    /** Kept where the compiler must write it, so that measured calls are not dropped. */
    private volatile @Nullable Server last;

    private final FakeGroup group = FakeGroup.ofWeights(100, 100, 100);
    private final Map<Integer, Map<String, String>> cookies = new ConcurrentHashMap<>();

    /** For subclasses. */
    protected SessionStickerContract() {}

    /**
     * Returns what to test. It must remember a client for longer than a few seconds, and 200 of them.
     *
     * @return the factory
     */
    protected abstract SessionStickerFactory factory();

    /**
     * Makes a flow of one client: each number is another client, and the same number the same one.
     *
     * @param number 0 to 199
     * @return a new flow
     */
    protected FakeFlow client(int number) {
        FakeFlow flow = factory().needsHttp()
                ? new FakeHttpFlow(cookies.computeIfAbsent(number, key -> new HashMap<>()))
                : new FakeFlow();
        return flow.from(0, FakeFlow.ipv4(198, 51, 100, number));
    }

    /** A server takes a flow, as the engine tells a sticker of it. */
    private static void take(SessionSticker sticker, FakeFlow flow, Server server) {
        sticker.remember(flow, server, NOW);
        if (flow instanceof FakeHttpFlow request) {
            String field = sticker.setCookie(request, server, 200);
            if (field != null) {
                assertThat(field).matches(FIELD_VALUE);
                request.receive(field);
            }
            CookiePrefix prefix = sticker.cookiePrefix();
            String mark = prefix == null ? null : prefix.of(server);
            // A server sets its cookie for a client that has none of it.
            if (prefix != null && mark != null && sticker.recall(request, NOW) != server) {
                assertThat(prefix.length(mark + "value")).isEqualTo(mark.length());
                request.receive(prefix.cookieName() + "=" + mark + "value; Path=/");
            }
        }
    }

    /** The scheduler decides about newcomers. */
    @Test
    public void recallsNothingForANewcomer() {
        SessionSticker sticker = factory().create(group, null);
        take(sticker, client(1), group.server(0));
        assertThat(sticker.recall(client(2), NOW)).isNull();
    }

    /** The point of it all. */
    @Test
    public void recallsTheServerOfEachClient() {
        SessionSticker sticker = factory().create(group, null);
        for (int i = 0; i < CLIENTS; i++) {
            take(sticker, client(i), group.server(i % 3));
        }
        for (int i = 0; i < CLIENTS; i++) {
            assertThat(sticker.recall(client(i), NOW)).isSameAs(group.server(i % 3));
        }
    }

    /** The flow went to another server because the first failed it. */
    @Test
    public void recallsTheServerThatTookTheClientLast() {
        SessionSticker sticker = factory().create(group, null);
        take(sticker, client(1), group.server(0));
        take(sticker, client(1), group.server(2));
        assertThat(sticker.recall(client(1), NOW)).isSameAs(group.server(2));
    }

    /** A retry must go elsewhere. */
    @Test
    public void recallsNoServerThatTheFlowTried() {
        SessionSticker sticker = factory().create(group, null);
        take(sticker, client(1), group.server(0));
        assertThat(sticker.recall(client(1).failedOn(group.server(0)), NOW)).isNull();
        assertThat(sticker.recall(client(1), NOW)).isSameAs(group.server(0));
    }

    /** A server that is down, draining or removed is not in the group that a successor is built for. */
    @Test
    public void recallsNoServerThatIsGoneAndRecallsItAgainWhenItIsBack() {
        SessionSticker sticker = factory().create(group, null);
        take(sticker, client(1), group.server(2));
        SessionSticker without = factory().create(group.without(2), sticker);
        assertThat(without.recall(client(1), NOW)).isNull();
        assertThat(factory().create(group, without).recall(client(1), NOW)).isSameAs(group.server(2));
    }

    /** Weight 0 takes nothing new, and a flow is new also when its client is not. */
    @Test
    public void recallsNoServerOfWeightZero() {
        SessionSticker sticker = factory().create(group, null);
        take(sticker, client(1), group.server(1));
        assertThat(factory().create(group.withWeights(100, 0, 100), sticker).recall(client(1), NOW))
                .isNull();
    }

    /** A pool is rebuilt for every change of health. */
    @Test
    public void keepsWhatItRemembersThroughRebuilds() {
        SessionSticker sticker = factory().create(group, null);
        take(sticker, client(1), group.server(1));
        for (int i = 0; i < 10; i++) {
            sticker = factory().create(group.without(i % 2 == 0 ? 0 : 2), sticker);
            assertThat(sticker.recall(client(1), NOW)).isSameAs(group.server(1));
        }
    }

    /** All servers may be down for a while. */
    @Test
    public void goesThroughAnEmptyGroup() {
        SessionSticker sticker = factory().create(group, null);
        take(sticker, client(1), group.server(1));
        SessionSticker empty = factory().create(FakeGroup.of(), sticker);
        assertThat(empty.recall(client(1), NOW)).isNull();
        assertThat(factory().create(group, empty).recall(client(1), NOW)).isSameAs(group.server(1));
    }

    /** Another factory's sticker may stand before: the operator changed the kind. */
    @Test
    public void takesAStrangerAsPredecessor() {
        SessionSticker stranger = new SessionSticker() {
            @Override
            public @Nullable Server recall(Flow flow, long nowNanos) {
                return null;
            }

            @Override
            public void remember(Flow flow, Server server, long nowNanos) {}
        };
        SessionSticker sticker = factory().create(group, stranger);
        take(sticker, client(1), group.server(0));
        assertThat(sticker.recall(client(1), NOW)).isSameAs(group.server(0));
    }

    /** The end of an old flow says nothing about the new one. */
    @Test
    public void leavesAClientOnItsNewServerWhenAFlowOnTheOldOneEnds() {
        SessionSticker sticker = factory().create(group, null);
        take(sticker, client(1), group.server(0));
        take(sticker, client(1), group.server(1));
        sticker.ended(client(1), group.server(0), NOW);
        assertThat(sticker.recall(client(1), NOW)).isSameAs(group.server(1));
    }

    /**
     * Loops recall and remember all at once, each its own clients.
     *
     * @throws InterruptedException if the test is interrupted
     */
    @Test
    public void recallsSoundlyOnManyLoops() throws InterruptedException {
        SessionSticker sticker = factory().create(group.withLoops(LOOPS), null);
        Loops.run(LOOPS, loop -> {
            for (int i = 0; i < 20_000; i++) {
                int number = (i * LOOPS + loop) % CLIENTS;
                FakeFlow flow = client(number).on(loop);
                // A lost race may forget; it must never give a client somebody else's server.
                assertThat(sticker.recall(flow, NOW)).isIn(null, group.server(number % 3));
                take(sticker, flow, group.server(number % 3));
                sticker.ended(flow, group.server(number % 3), NOW);
            }
        });
    }

    /** It is asked for every flow. */
    @Test
    public void worksWithoutAllocating() {
        SessionSticker sticker = factory().create(group, null);
        FakeFlow flow = client(1);
        assertThat(Allocation.bytesPerCall(() -> {
                    last = sticker.recall(flow, NOW);
                    take(sticker, flow, group.server(0));
                    sticker.ended(flow, group.server(0), NOW);
                }))
                .as("bytes for a flow")
                .isLessThan(1);
    }
}
