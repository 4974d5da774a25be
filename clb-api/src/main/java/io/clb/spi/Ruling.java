package io.clb.spi;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link RequestFilter} says about one flow. It is handed over with each question, and takes one answer to each. Any thread may give it: the first counts, and so does none that
 * comes when the time is over ({@code RequestFilters.timeout}) or the flow has ended.
 */
public interface Ruling {

    /**
     * Lets go on what was shown, and asks for the next part to be shown.
     *
     * @return whether this answer counts
     */
    boolean pass();

    /**
     * Lets go on what was shown and all that is still to come: this filter sees no more of this flow. Others are asked all the same.
     *
     * @return whether this answer counts
     */
    boolean allow();

    /**
     * Holds what was shown, to judge it together with what comes next. Past {@code RequestFilters.maxHeld} a request is answered 413 and a connection is reset, with {@link
     * Reason#FILTER_HELD_TOO_MUCH}. Where nothing more will come, this is {@link #pass}.
     *
     * @return whether this answer counts
     */
    boolean more();

    /**
     * Ends the flow with {@link Reason#FILTER_DENIED}: a request is answered, a connection reset. A response that has begun meanwhile is broken off.
     *
     * @param status what a request is answered, 400 to 599; a connection has no use for it
     * @return whether this answer counts
     * @throws IllegalArgumentException if the status is none of those
     */
    boolean deny(int status);

    /**
     * Keeps something until the flow's next question. Seen by whoever is asked then.
     *
     * @param state what to keep; null for nothing
     */
    void attach(@Nullable Object state);

    /**
     * Returns what was kept.
     *
     * @return what was attached last; null for nothing
     */
    @Nullable
    Object attachment();
}
