package io.clb.stick;

import java.time.Duration;

/** The catalogue of session stickers. */
public final class Stickiness {

    private Stickiness() {}

    /**
     * Source-IP stickiness: the same client address gets the same server, until it had no flow for {@code idle}. The table has
     * {@linkplain SourceIp#capacity(int) a fixed size}; when a set of it is full, the entry used longest ago gives way.
     *
     * @param idle 1 s to 3,600 s in whole seconds
     * @return the sticker's factory
     */
    public static SourceIp sourceIp(Duration idle) {
        return new SourceIp(idle, SourceIp.DEFAULT_CAPACITY);
    }
}
