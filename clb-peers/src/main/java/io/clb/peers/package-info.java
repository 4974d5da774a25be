/** Reverse proxies of other Java libraries, each the library's own and tuned for one processor, to measure ours beside. */
@NullMarked
package io.clb.peers;

import org.jspecify.annotations.NullMarked;
