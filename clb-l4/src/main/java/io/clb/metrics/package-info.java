/** What a balancer does, for Micrometer: {@link io.clb.metrics.ClbMetrics}. Needs micrometer-core on the class path, which nothing else here does. */
@NullMarked
package io.clb.metrics;

import org.jspecify.annotations.NullMarked;
