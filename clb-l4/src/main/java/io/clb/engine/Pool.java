package io.clb.engine;

import io.clb.Snapshot.Metric;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.SessionSticker;
import io.clb.spi.SessionStickerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A server group with the scheduler and the stickiness in force. Listeners that agree on all three share one, and so one rotation. Flows keep it, to
 * tell whoever picks now that they left their server.
 */
public final class Pool {

    /** What makes two pools one. */
    record Key(
            String group,
            SchedulerFactory scheduler,
            @Nullable SessionStickerFactory sticker) {}

    private final Key key;
    private final Tally tally;

    // written by control; read by any loop
    private volatile Picker picker;

    Pool(Key key, Tally tally, Picker picker) {
        this.key = key;
        this.tally = tally;
        this.picker = picker;
    }

    /**
     * Returns how to pick now.
     *
     * @return the picker
     */
    public Picker picker() {
        return picker;
    }

    /**
     * Tells whether a picker is the one in force: who found no server may ask another then.
     *
     * @param asked a picker of this pool
     * @return false if control has put another in its place
     */
    @SuppressWarnings("ReferenceEquality") // what an equal one was made of may have changed
    public boolean isInForce(Picker asked) {
        return picker == asked;
    }

    /**
     * Returns the name of the server group.
     *
     * @return the name
     */
    public String group() {
        return key.group();
    }

    /** What is counted of the server group. */
    Tally tally() {
        return tally;
    }

    /**
     * Counts a request for which a server is to be found here.
     *
     * @param loop the request's loop
     */
    public void countRequest(Loop loop) {
        tally.countBegun(loop);
        tally.count(loop, Metric.REQUESTS, 1);
    }

    Key key() {
        return key;
    }

    /** How often what scheduler and sticker remembered gave way for want of room. On any thread. */
    long forgotten() {
        Picker current = picker;
        SessionSticker sticker = current.sticker();
        return current.scheduler().forgotten() + (sticker == null ? 0 : sticker.forgotten());
    }

    /** Control only. */
    void picker(Picker changed) {
        picker = changed;
    }

    /** No flow comes any more, but flows that are open keep this: what the sticker remembers must not stay with them. Control only. */
    void retire() {
        picker = new Picker(picker.scheduler(), null, picker.affine(), picker.none());
    }

    /** Builds the picker for other members, which goes on where the one before stands. Runs factories of the application's. Control only. */
    static Picker build(Key key, RunGroup.Members members, @Nullable Picker previous, int loops, long seed) {
        SessionStickerFactory stickers = key.sticker();
        var eligible = members.eligible(loops, seed);
        Scheduler scheduler = key.scheduler().create(eligible, previous == null ? null : previous.scheduler());
        return new Picker(
                scheduler,
                stickers == null ? null : stickers.create(eligible, previous == null ? null : previous.sticker()),
                scheduler.keepsAffinity(),
                members.whyNone());
    }
}
