package io.clb.bench.sim;

import java.util.List;

/**
 * How a scheduler fared.
 *
 * @param scheduler its name
 * @param active requests on each server, by slot
 * @param p99Nanos of the requests that ended since the sample before
 * @param connectFailures a second, since the sample before
 * @param troubleP50Nanos of the requests that began in the time of trouble, failed ones with the time until they failed
 * @param troubleP99Nanos of the same
 * @param failed requests that got no answer, in the whole run
 * @param failedConnects tries that a server did not take, in the whole run
 * @param otherClients clients that never met the server in trouble
 * @param movedClients those of them that met more than one server
 */
record SimResult(
        String scheduler,
        List<Samples> active,
        Samples p99Nanos,
        Samples connectFailures,
        long troubleP50Nanos,
        long troubleP99Nanos,
        int failed,
        int failedConnects,
        long otherClients,
        long movedClients) {}
