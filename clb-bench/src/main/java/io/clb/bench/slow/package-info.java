/** Thousands of slow clients, and one that wants to be answered at once. */
@NullMarked
package io.clb.bench.slow;

import org.jspecify.annotations.NullMarked;
