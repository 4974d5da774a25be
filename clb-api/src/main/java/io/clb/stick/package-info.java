/** The session stickers that come with the library: {@link io.clb.stick.Stickiness} is their catalogue. */
@NullMarked
package io.clb.stick;

import org.jspecify.annotations.NullMarked;
