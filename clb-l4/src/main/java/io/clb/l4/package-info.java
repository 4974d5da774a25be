/** The engine as an application chooses it: {@link io.clb.l4.NettyEngine}. */
@NullMarked
package io.clb.l4;

import org.jspecify.annotations.NullMarked;
