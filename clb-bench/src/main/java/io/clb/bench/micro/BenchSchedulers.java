package io.clb.bench.micro;

import io.clb.Extensions;
import io.clb.bench.peers.algorithms.PeerAlgorithms;
import io.clb.schedule.Schedulers;
import io.clb.spi.SchedulerFactory;

/** What a benchmark can be asked to measure by name. */
final class BenchSchedulers {

    private BenchSchedulers() {}

    /**
     * Finds a scheduler.
     *
     * @param name as {@link Extensions} knows it; {@code wrr/loop} and {@code rr/loop} for those with a rotation for each loop; or a yardstick such as
     *     {@code peer:ring}
     */
    static SchedulerFactory find(String name) {
        if (name.startsWith(PeerAlgorithms.PREFIX)) {
            return PeerAlgorithms.find(name);
        }
        return switch (name) {
            case "wrr/loop" -> Schedulers.weightedRoundRobin().perLoop();
            case "rr/loop" -> Schedulers.roundRobin().perLoop();
            default -> Extensions.scheduler(name);
        };
    }
}
