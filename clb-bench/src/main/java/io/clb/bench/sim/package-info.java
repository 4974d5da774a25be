/**
 * Schedulers under trouble, in virtual time: the classes that ship, driven by a discrete-event simulation of clients and servers. One thread, seeded, no
 * clock: equal runs to the last byte. {@code mvn -q -Psim} in the root directory prints the tables and redraws docs/guides/pictures.
 *
 * <p>{@link io.clb.bench.sim.Simulation} is the machine, {@link io.clb.bench.sim.Scenario} what happens to it, {@link io.clb.bench.sim.Chart} its
 * picture; {@link io.clb.bench.sim.Quality} is about shares and moved keys, where time plays no part.
 */
@NullMarked
package io.clb.bench.sim;

import org.jspecify.annotations.NullMarked;
