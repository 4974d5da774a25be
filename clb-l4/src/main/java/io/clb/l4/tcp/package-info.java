/** TCP listeners, on the engine. */
@NullMarked
package io.clb.l4.tcp;

import org.jspecify.annotations.NullMarked;
