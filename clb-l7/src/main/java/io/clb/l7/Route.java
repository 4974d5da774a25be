package io.clb.l7;

import io.clb.engine.Pool;
import io.clb.engine.RunRule;

/**
 * Where a rule sends requests, and what limits them. Immutable.
 *
 * @param pool where servers come from
 * @param rule its limits
 */
record Route(Pool pool, RunRule rule) {}
