package io.clb.bench.demo;

import io.clb.bench.demo.BrokenFlows.Broken;
import io.clb.bench.demo.Browser.Move;
import io.clb.bench.demo.Clients.Loss;

/**
 * When a machine was dead. Nothing could begin on it in that time, so whatever was lost on it then was under way on it when it died; and only then its
 * clients had to go elsewhere.
 *
 * @param machine which
 * @param fromNanos just before it was killed
 * @param toNanos just before it was revived
 */
record Death(Machine machine, long fromNanos, long toNanos) {

    boolean explains(Loss loss, BrokenFlows flows) {
        Broken flow = flows.of(loss.listener(), loss.local());
        return flow != null && flow.server() != null && machine.has(flow.server()) && covers(loss.atNanos());
    }

    boolean explains(Move move) {
        return machine.name().equals(move.from()) && covers(move.atNanos());
    }

    private boolean covers(long nanos) {
        return nanos - fromNanos >= 0 && nanos - toNanos < 0;
    }
}
