/**
 * How the nodes of a cluster share the totals of its limits by demand: each has a part of its own, and lends what it does not need. Nothing of this is on the data path.
 */
@NullMarked
package io.clb.ratelimit.cluster;

import org.jspecify.annotations.NullMarked;
