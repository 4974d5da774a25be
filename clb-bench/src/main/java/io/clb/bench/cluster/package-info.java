/** Limits over a cluster in virtual time: the classes that ship, on a network that loses, delays and breaks. */
@NullMarked
package io.clb.bench.cluster;

import org.jspecify.annotations.NullMarked;
