package io.clb.engine;

import org.jspecify.annotations.Nullable;

/** What has bandwidth limits, which an update may change while flows are open: a listener or a rule; or what is free of them, copies of requests. */
public abstract sealed class PaceSource permits RunListener, RunRule, RunMirror {

    /** What is in force in a direction; null without a limit. For any loop. */
    abstract @Nullable Pace pace(Direction direction);
}
