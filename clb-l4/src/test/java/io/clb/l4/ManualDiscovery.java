package io.clb.l4;

import static java.util.Objects.requireNonNull;

import io.clb.spi.DiscoveredServer;
import io.clb.spi.DiscoveryRun;
import io.clb.spi.ServerDiscovery;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A discovery that finds what the test says. Those of one name are equal. */
public final class ManualDiscovery implements ServerDiscovery {

    private final String name;
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    // written by who starts it and by the test; read by both
    private volatile @Nullable DiscoveryRun run;
    private volatile List<DiscoveredServer> first = List.of();

    ManualDiscovery(String name) {
        this.name = name;
    }

    /** One that finds servers as soon as it is started. */
    public static ManualDiscovery of(String... ids) {
        ManualDiscovery made = new ManualDiscovery("manual");
        made.first = servers(ids);
        return made;
    }

    static List<DiscoveredServer> servers(String... ids) {
        return Stream.of(ids).map(ManualDiscovery::server).toList();
    }

    static DiscoveredServer server(String id) {
        int colon = id.lastIndexOf(':');
        return DiscoveredServer.of(id.substring(0, colon), Integer.parseInt(id.substring(colon + 1)));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public AutoCloseable start(DiscoveryRun begun) {
        run = begun;
        started.incrementAndGet();
        if (!first.isEmpty()) {
            begun.found(first);
        }
        return ended::incrementAndGet;
    }

    DiscoveryRun run() {
        return requireNonNull(run, "not started");
    }

    /** Tells servers. */
    public void found(String... ids) {
        run().found(servers(ids));
    }

    int started() {
        return started.get();
    }

    int ended() {
        return ended.get();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ManualDiscovery that && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }
}
