/** Benchmarks and stress tests of what the engine keeps to itself. */
@NullMarked
package io.clb.engine;

import org.jspecify.annotations.NullMarked;
