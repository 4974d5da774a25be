package io.clb.engine;

/**
 * A listener's access log: what its lines are made of, and where they go. Immutable; made by control, read by any loop.
 *
 * @param format what is in a line
 * @param target where lines go
 */
record ListenerLog(LogFormat format, LogTarget target) {

    /** Writes down a flow that has ended. On its loop. */
    void write(LoopFlowRecord record, Loop loop) {
        LogLine line = loop.logLine();
        try {
            format.write(record, line);
            target.buffer(loop).add(line);
        } catch (RuntimeException | Error e) {
            // Such as no memory: the flow ends all the same.
            target.logs().lost(target, line.length(), e);
        }
    }
}
