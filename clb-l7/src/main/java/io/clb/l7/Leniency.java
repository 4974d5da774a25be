package io.clb.l7;

import io.clb.ListenerConfig;
import io.clb.Options;

/**
 * What a listener lets pass in requests that is refused unless its servers want it. Immutable.
 *
 * @param trace the method TRACE
 * @param underscores underscores in names of fields
 * @param escapedSlashes %2F and %5C in paths
 * @param mergedSlashes several slashes in a row are one for rules; they pass in any case
 */
record Leniency(boolean trace, boolean underscores, boolean escapedSlashes, boolean mergedSlashes) {

    static final Leniency NONE = new Leniency(false, false, false, false);

    static Leniency of(ListenerConfig config) {
        return new Leniency(
                config.get(Options.ALLOW_TRACE),
                config.get(Options.ALLOW_UNDERSCORES),
                config.get(Options.ALLOW_ESCAPED_SLASHES),
                config.get(Options.MERGE_SLASHES));
    }
}
