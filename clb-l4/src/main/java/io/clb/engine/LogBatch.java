package io.clb.engine;

import io.netty.buffer.ByteBuf;

/**
 * Whole lines on their way from a loop to the writer.
 *
 * @param target where they go
 * @param bytes the lines, given back to the target by whoever has the batch last
 * @param lines how many
 */
record LogBatch(LogTarget target, ByteBuf bytes, int lines) {}
