package io.clb;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Passive ejection: a server that fails several flows in a row takes nothing new for a time, whatever its checks say. Immutable; each setter returns a copy.
 *
 * <p>A failure is a connect that the server refuses or does not take in time, a connection that it resets, and on HTTP also an answer of 500 or above, none
 * within {@code requestTimeout}, and what is no whole response. Any flow that the server answers otherwise begins the count anew.
 *
 * <p>A server is ejected for {@link #time} first, then for twice as long each time, up to {@link #maxTime}. An ejection is forgiven, and the next one shorter
 * again, when the server has been back as long as it lasted. What runs on an ejected server goes on.
 */
public final class Ejection {

    private static final Ejection NONE = new Ejection(false, Settings.DEFAULTS);

    private final boolean on;
    private final Settings settings;

    private Ejection(boolean on, Settings settings) {
        this.on = on;
        this.settings = settings;
    }

    /**
     * Returns what turns it off.
     *
     * @return no ejection
     */
    public static Ejection none() {
        return NONE;
    }

    /**
     * Begins with how many failures in a row eject a server.
     *
     * @param failures 1 to 1,000
     * @return an ejection with the defaults for all else
     */
    public static Ejection after(int failures) {
        return new Ejection(true, Settings.DEFAULTS.with(Options.EJECTION_FAILURES, failures));
    }

    /**
     * Sets how long a server is ejected at first.
     *
     * @param first 1 s to 300 s, 30 s unless set
     * @return a copy
     */
    public Ejection time(Duration first) {
        return new Ejection(on, settings.with(Options.EJECTION_TIME, first));
    }

    /**
     * Sets how long a server is ejected at most.
     *
     * @param longest 1 s to 3,600 s, not shorter than {@link #time}; 300 s unless set
     * @return a copy
     */
    public Ejection maxTime(Duration longest) {
        return new Ejection(on, settings.with(Options.EJECTION_MAX_TIME, longest));
    }

    /**
     * Sets how much of the group may be ejected at a time: of the servers that are neither drained nor in maintenance and have a weight above 0, rounded down, but
     * one at least. The last server that takes flows is never ejected.
     *
     * @param percent 1 to 100, 50 unless set
     * @return a copy
     */
    public Ejection maxPercent(int percent) {
        return new Ejection(on, settings.with(Options.EJECTION_MAX_PERCENT, percent));
    }

    /**
     * Tells whether this turns ejection off.
     *
     * @return true for {@link #none()}
     */
    public boolean isNone() {
        return !on;
    }

    /**
     * Returns a setting.
     *
     * @param option an option of {@link Option.Scope#EJECTION}
     * @param <T> its type
     * @return its value, the default unless set
     */
    public <T extends Comparable<T>> T get(Option<T> option) {
        return settings.get(option);
    }

    void check(String group, Mistakes mistakes) {
        String where = group + ": ejection";
        settings.check(where, mistakes);
        Duration first = get(Options.EJECTION_TIME);
        Duration longest = get(Options.EJECTION_MAX_TIME);
        boolean both = Options.EJECTION_TIME.accepts(first) && Options.EJECTION_MAX_TIME.accepts(longest);
        if (both && longest.compareTo(first) < 0) {
            mistakes.add(where, "maxTime", longest, "not shorter than time, " + Options.EJECTION_TIME.format(first));
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Ejection that && on == that.on && settings.equals(that.settings);
    }

    @Override
    public int hashCode() {
        return settings.hashCode() + (on ? 1 : 0);
    }

    @Override
    public String toString() {
        return on ? "after " + get(Options.EJECTION_FAILURES) + " failures" : "none";
    }
}
