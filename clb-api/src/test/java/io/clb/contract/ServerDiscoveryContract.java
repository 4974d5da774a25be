package io.clb.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.DiscoveredServer;
import io.clb.spi.ServerDiscovery;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every discovery must do, wherever it looks. Extend it with one that finds something. */
public abstract class ServerDiscoveryContract {

    private static final int MAX_PORT = 65_535;
    private static final int MAX_WEIGHT = 100;

    /** For subclasses. */
    protected ServerDiscoveryContract() {}

    /**
     * Returns what to test: with the same settings each time, and where there is at least one server to be found.
     *
     * @return the discovery, not started
     */
    protected abstract ServerDiscovery discovery();

    /** Messages and snapshots show it. */
    @Test
    public void hasAName() {
        assertThat(discovery().name()).isNotBlank();
    }

    /** An update that brings an equal one leaves the one that runs alone. */
    @Test
    public void equalsOneWithTheSameSettings() {
        assertThat(discovery()).isEqualTo(discovery()).hasSameHashCodeAs(discovery());
    }

    /** The point of it all. */
    @Test
    public void tellsServersThatAreSound() throws Exception {
        FakeDiscoveryRun run = new FakeDiscoveryRun();
        try (AutoCloseable end = discovery().start(run)) {
            assertThat(end).isNotNull();
            run.awaitReports(1);
        }
        assertThat(run.found()).isNotEmpty();
        assertThat(run.found().get(0)).isNotEmpty().doesNotHaveDuplicates().allSatisfy(server -> {
            assertThat(server.host()).isNotBlank();
            assertThat(server.port()).isBetween(0, MAX_PORT);
            assertThat(server.weight()).isBetween(0, MAX_WEIGHT);
        });
    }

    /** It is started on a thread that must not be held up; here nothing is done before it has returned. */
    @Test
    public void startsAndEndsWithoutWaitingForItsWork() throws Exception {
        FakeDiscoveryRun run = new FakeDiscoveryRun();
        discovery().start(run).close();
        run.runAll();
        assertThat(run.found()).isEmpty();
    }

    /** Two groups may have the same one. */
    @Test
    public void runsSeveralTimesAtOnce() throws Exception {
        ServerDiscovery discovery = discovery();
        FakeDiscoveryRun first = new FakeDiscoveryRun();
        FakeDiscoveryRun second = new FakeDiscoveryRun();
        try (AutoCloseable end = discovery.start(second)) {
            assertThat(end).isNotNull();
            discovery.start(first).close();
            second.awaitReports(1);
        }
        assertThat(second.found()).isNotEmpty();
    }

    /** Who has ended it wants to hear no more of it. */
    @Test
    public void tellsAndPlansNothingAfterItsEnd() throws Exception {
        FakeDiscoveryRun run = new FakeDiscoveryRun();
        AutoCloseable end = discovery().start(run);
        run.awaitReports(1);
        end.close();
        List<List<DiscoveredServer>> found = run.found();
        run.runAll();
        List<Duration> delays = run.delays();
        run.runAll();
        assertThat(run.found()).isEqualTo(found);
        assertThat(run.delays()).isEqualTo(delays);
    }
}
