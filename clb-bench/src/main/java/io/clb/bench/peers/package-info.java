/** This library beside its peers: what the side-by-side scripts start. */
@NullMarked
package io.clb.bench.peers;

import org.jspecify.annotations.NullMarked;
