/** A balancer under mixed traffic, random faults and random updates for minutes on end. */
@NullMarked
package io.clb.bench.soak;

import org.jspecify.annotations.NullMarked;
