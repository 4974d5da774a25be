/**
 * What others schedule with, written anew from the published descriptions: yardsticks for benchmarks, not for use. Each starts afresh with every change
 * of its servers. Where an original guards its state with a lock, so does the class here.
 */
@NullMarked
package io.clb.bench.peers.algorithms;

import org.jspecify.annotations.NullMarked;
