package io.clb.bench.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Extensions;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

/** What docs/guides/which-scheduler.md claims of schedulers in trouble. */
class ScenarioTest {

    /** Readers of the guide load all pictures. */
    private static final int PICTURE_BYTES = 60_000;

    /** Eight servers have about seven requests each when one of them dies; four times. */
    private static final int IN_FLIGHT = 40;

    /** Several tests look at one run. */
    private static final Map<String, SimResult> RESULTS = new ConcurrentHashMap<>();

    @Test
    void aSlowServerHurtsWhoDoesNotLookAtIt() {
        Scenario slow = Scenario.slowServer();
        SimResult wrr = run(slow, "wrr");
        assertThat(Stream.of("wlc", "p2c", "ewma")).allSatisfy(name -> {
            SimResult result = run(slow, name);
            assertThat(result.troubleP99Nanos()).isLessThan(wrr.troubleP99Nanos() / 5);
            assertThat(result.failedConnects()).isZero();
        });
        assertThat(wrr.failedConnects()).isPositive();
    }

    @Test
    void aSlowServerHurtsLeastWhereLatencyDecides() {
        Scenario slow = Scenario.slowServer();
        assertThat(run(slow, "ewma").troubleP99Nanos())
                .isLessThan(run(slow, "wlc").troubleP99Nanos())
                .isLessThan(run(slow, "p2c").troubleP99Nanos());
    }

    @Test
    void aColdServerIsSparedBySlowStartOrByWhoLooksAtIt() {
        SimResult wrr = run(Scenario.coldServer(), "wrr");
        assertThat(run(Scenario.coldServerWithSlowStart(), "wrr").troubleP99Nanos())
                .isLessThan(wrr.troubleP99Nanos() / 5);
        assertThat(run(Scenario.coldServer(), "ewma").troubleP99Nanos()).isLessThan(wrr.troubleP99Nanos() / 5);
    }

    /** Weights in force play no part in a hash: it would move clients with each step. */
    @Test
    void slowStartChangesNothingForAHash() {
        assertThat(run(Scenario.coldServerWithSlowStart(), "sch").troubleP99Nanos())
                .isEqualTo(run(Scenario.coldServer(), "sch").troubleP99Nanos());
    }

    @Test
    void aHashKeepsTheClientsOfAllOtherServersThroughAFlap() {
        SimResult sch = run(Scenario.flappingServer(), "sch");
        assertThat(sch.otherClients()).isGreaterThan(5_000);
        assertThat(sch.movedClients()).isZero();
    }

    /** A server that refuses at once always has the fewest flows: least connections runs after it, and latency with its second of penalty does not. */
    @Test
    void aDeadServerDrawsConnectsWhereFlowsAreCountedAndNotWhereFailuresAre() {
        Scenario flap = Scenario.flappingServer();
        int wrr = run(flap, "wrr").failedConnects();
        assertThat(run(flap, "wlc").failedConnects()).isGreaterThan(4 * wrr);
        assertThat(run(flap, "ewma").failedConnects()).isLessThan(wrr / 4);
    }

    @Test
    void noRequestIsLostToADeadServerButThoseThatItHadBegun() {
        assertThat(Stream.of("wrr", "wlc", "sch", "ewma"))
                .allSatisfy(
                        name -> assertThat(run(Scenario.flappingServer(), name).failed())
                                .isBetween(1, IN_FLIGHT));
    }

    @Test
    void drawsTheSamePictureAgainToTheByteAndASmallOne() throws Exception {
        Scenario flap = Scenario.flappingServer();
        String picture = Chart.draw(flap, List.of(run(flap, "p2c"), run(flap, "ewma")));
        assertThat(Chart.draw(flap, List.of(run(flap, "p2c"), run(flap, "ewma"))))
                .isEqualTo(picture);
        byte[] bytes = picture.getBytes(StandardCharsets.UTF_8);
        assertThat(bytes.length).isLessThan(PICTURE_BYTES / 3);
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(bytes));
    }

    private static SimResult run(Scenario scenario, String scheduler) {
        return RESULTS.computeIfAbsent(scenario.name() + " " + scheduler, key -> runAnew(scenario, scheduler));
    }

    private static SimResult runAnew(Scenario scenario, String scheduler) {
        return Simulation.run(scenario, Extensions.scheduler(scheduler));
    }
}
