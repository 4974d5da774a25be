/**
 * The schedulers that come with the library: {@link io.clb.schedule.Schedulers} is their catalogue, each algorithm is one package-private
 * class.
 */
@NullMarked
package io.clb.schedule;

import org.jspecify.annotations.NullMarked;
