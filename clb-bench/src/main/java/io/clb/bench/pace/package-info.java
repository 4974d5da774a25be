/** How exact bandwidth limits are on a real clock. */
@NullMarked
package io.clb.bench.pace;

import org.jspecify.annotations.NullMarked;
