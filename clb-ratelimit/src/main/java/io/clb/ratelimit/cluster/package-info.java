/**
 * How the nodes of a cluster share the totals of its limits by demand: each has a part of its own, and lends what it does not need, or deposits it in a bucket in a store,
 * from which permits are granted by batches. Nothing of this is on the data path.
 */
@NullMarked
package io.clb.ratelimit.cluster;

import org.jspecify.annotations.NullMarked;
