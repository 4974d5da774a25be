package io.clb.engine;

import io.clb.spi.Reason;
import io.clb.spi.Scheduler;
import io.clb.spi.SessionSticker;
import org.jspecify.annotations.Nullable;

/**
 * How a pool picks a server at this moment: made anew by control when its servers change, read by any loop.
 *
 * @param scheduler picks
 * @param sticker recalls; null without stickiness
 * @param affine whether who is picked matters so much that a flow waits for a server that is full
 * @param none the reason when nobody is left
 */
public record Picker(Scheduler scheduler, @Nullable SessionSticker sticker, boolean affine, Reason none) {}
