/**
 * README's first command: servers, a balancer and live traffic in one process. {@link io.clb.bench.demo.Demo} reads the options, {@link
 * io.clb.bench.demo.Stage} has machines and a balancer, {@link io.clb.bench.demo.Crowds} the clients; {@link io.clb.bench.demo.Acts} plays, {@link
 * io.clb.bench.demo.Verdict} judges, with a {@link io.clb.bench.demo.Finding} or more for each listener, by what the scheduler {@link
 * io.clb.bench.demo.Promise promises}.
 *
 * <p>What was served, refused and lost, and by which server, is counted by the clients themselves; shares and the limit are read from {@code
 * lb.snapshot()}.
 */
@NullMarked
package io.clb.bench.demo;

import org.jspecify.annotations.NullMarked;
