package io.clb.l7;

import io.clb.engine.Pool;
import io.clb.engine.RunRule;
import org.jspecify.annotations.Nullable;

/**
 * What a rule asks for besides host and path, what limits its requests, and where they go. Immutable.
 *
 * @param rule its limits
 * @param conditions what is asked for; null for nothing
 * @param pool where servers come from; null if the rule answers by itself
 * @param answer what it answers; null if it forwards
 */
record Route(
        RunRule rule,
        @Nullable Conditions conditions,
        @Nullable Pool pool,
        @Nullable RuleAnswer answer) {}
