package io.clb.l7;

import io.clb.engine.RunRule;
import org.jspecify.annotations.Nullable;

/**
 * What a rule asks for besides host and path, what limits its requests, and where they go. Immutable.
 *
 * @param rule its limits
 * @param conditions what is asked for; null for nothing
 * @param split where servers come from; null if the rule answers by itself
 * @param edit what is changed in requests; null for nothing
 * @param mirror who gets copies of requests; null for nobody
 * @param answer what it answers; null if it forwards
 * @param overLimit what it answers to requests that a limit refuses; null for 503
 */
record Route(
        RunRule rule,
        @Nullable Conditions conditions,
        @Nullable Split split,
        @Nullable RequestEdit edit,
        @Nullable MirrorPlan mirror,
        @Nullable RuleAnswer answer,
        @Nullable RuleAnswer overLimit) {}
