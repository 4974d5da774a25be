/**
 * README's first command: servers, a balancer and live traffic in one process. {@link io.clb.bench.demo.Demo} sets the stage,
 * {@link io.clb.bench.demo.Acts} plays, {@link io.clb.bench.demo.Verdict} judges.
 *
 * <p>What was served and what was lost is counted by the clients themselves; shares are read from {@code lb.snapshot()}.
 */
@NullMarked
package io.clb.bench.demo;

import org.jspecify.annotations.NullMarked;
