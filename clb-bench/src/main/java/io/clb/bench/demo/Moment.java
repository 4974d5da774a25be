package io.clb.bench.demo;

import io.clb.Snapshot;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * All counts at one moment.
 *
 * @param echo the group of echo servers
 * @param web the group of web servers
 * @param echoServed what the clients of echo servers were served
 * @param webServed what the clients with cookies were served
 * @param apiServed what the clients of the listener with a limit were served
 * @param apiRefused what they were refused
 * @param answers for each machine, how many answers clients with cookies got from it
 */
record Moment(
        long nanos,
        Snapshot.ServerGroup echo,
        Snapshot.ServerGroup web,
        long echoServed,
        long webServed,
        long apiServed,
        long apiRefused,
        Map<Machine, Long> answers) {

    static Moment now(Stage stage, Crowds crowds) {
        Snapshot snapshot = stage.lb().snapshot();
        return new Moment(
                System.nanoTime(),
                snapshot.serverGroup(Stage.ECHO),
                snapshot.serverGroup(Stage.WEB),
                crowds.echo().served(),
                crowds.web().served(),
                crowds.api().served(),
                crowds.api().refused(),
                stage.machines().stream().collect(Collectors.toMap(machine -> machine, crowds::answersOf)));
    }

    /** How much a count grew per second since an earlier moment. */
    double perSecond(Moment before, ToLongFunction<Moment> count) {
        return (count.applyAsLong(this) - count.applyAsLong(before)) * 1e9 / (nanos - before.nanos);
    }

    /** How much a count grew since an earlier moment. */
    long since(Moment before, ToLongFunction<Moment> count) {
        return count.applyAsLong(this) - count.applyAsLong(before);
    }
}
