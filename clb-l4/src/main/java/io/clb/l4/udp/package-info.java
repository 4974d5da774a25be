/** UDP listeners, on the engine. */
@NullMarked
package io.clb.l4.udp;

import org.jspecify.annotations.NullMarked;
