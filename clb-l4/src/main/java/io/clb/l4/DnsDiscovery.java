package io.clb.l4;

import static java.util.Objects.requireNonNull;

import io.clb.spi.DiscoveredServer;
import io.clb.spi.DiscoveryRun;
import io.clb.spi.ServerDiscovery;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds servers in DNS (RFC 1035, RFC 2782), and asks again when the answer's time to live is over. Immutable; equal with equal settings.
 *
 * <p>An answer is asked for again at the smallest TTL in it, not before {@code minTtl} and not after {@code maxTtl}, by the balancer's clock. What fails is asked for
 * again after {@code minTtl}, and each time in a row after twice as long, up to {@code maxTtl}; the servers that were found stay. A failure is: no record, a
 * name that does not exist, an error of all name servers, and silence of all of them. Answers that do not fit into a datagram are fetched by TCP.
 *
 * <p>Names are absolute: no search domain is added, and hosts files are not read. A look-up runs on a thread of the balancer's pool for blocking work, with sockets
 * of its own that it closes at the end; between two of them there is nothing.
 */
public final class DnsDiscovery implements ServerDiscovery {

    static final String NAME = "dns";

    private static final Duration LEAST_TTL = Duration.ofSeconds(5);
    private static final Duration MOST_TTL = Duration.ofMinutes(5);
    private static final Duration LEAST_TIMEOUT = Duration.ofMillis(100);
    private static final Duration MOST_TIMEOUT = Duration.ofSeconds(30);

    private static final int MAX_PORT = 65_535;
    private static final int MAX_NAME = 253;

    /** Labels of letters, digits, hyphens and underscores, the last one not all digits. */
    private static final Pattern DNS_NAME =
            Pattern.compile("([A-Za-z0-9_-]{1,63}\\.)*(?![0-9]+\\.?$)[A-Za-z0-9_-]{1,63}\\.?");

    private final boolean services;
    private final String name;
    private final int port;
    private final List<InetSocketAddress> nameServers;
    private final Duration minTtl;
    private final Duration maxTtl;
    private final Duration timeout;

    private DnsDiscovery(
            boolean services,
            String name,
            int port,
            List<InetSocketAddress> nameServers,
            Duration minTtl,
            Duration maxTtl,
            Duration timeout) {
        this.services = services;
        this.name = name;
        this.port = port;
        this.nameServers = nameServers;
        this.minTtl = minTtl;
        this.maxTtl = maxTtl;
        this.timeout = timeout;
    }

    private static DnsDiscovery of(boolean services, String name, int port) {
        boolean sound = requireNonNull(name, "name").length() <= MAX_NAME
                && DNS_NAME.matcher(name).matches();
        if (!sound) {
            throw new IllegalArgumentException(
                    "name: " + name + " (expected: a DNS name such as app.example.com, of at most 253 characters)");
        }
        return new DnsDiscovery(services, name, port, List.of(), LEAST_TTL, MOST_TTL, Duration.ofSeconds(2));
    }

    /**
     * Every address of a name is a server: what its A and AAAA records say together.
     *
     * @param name the name
     * @param port the port of all of them, 1 to 65535
     * @return the discovery
     * @throws IllegalArgumentException if that is no name, or the port is out of range
     */
    public static DnsDiscovery addresses(String name, int port) {
        DnsDiscovery made = of(false, name, port);
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65,535)");
        }
        return made;
    }

    /**
     * Every address of a name is a server, which gets what comes on the port that the client reached.
     *
     * @param name the name
     * @return the discovery
     * @throws IllegalArgumentException if that is no name
     */
    public static DnsDiscovery addresses(String name) {
        return of(false, name, 0);
    }

    /**
     * The SRV records of a name say hosts, ports and weights. Only those of the lowest priority value are used.
     *
     * <p>Every address of a host is a server, and the addresses of one host share the weight of its record. Hosts are looked up here rather than by the balancer, as only
     * the name servers that know the service may know them. The largest share gets weight 100, the others in proportion, rounded to the nearest whole number,
     * and at least 1; 0 only where the record says 0 and another does not. A host without an address is left out.
     *
     * @param name the name, such as {@code _http._tcp.example.com}
     * @return the discovery
     * @throws IllegalArgumentException if that is no name
     */
    public static DnsDiscovery srv(String name) {
        return of(true, name, 0);
    }

    /**
     * Sets whom to ask, one after the other until one knows; the name servers of the system unless set.
     *
     * @param servers addresses, with ports; none for those of the system
     * @return a changed copy
     * @throws IllegalArgumentException if one is a name that has no address
     */
    public DnsDiscovery nameServers(InetSocketAddress... servers) {
        for (InetSocketAddress server : requireNonNull(servers, "servers")) {
            if (requireNonNull(server, "server").isUnresolved()) {
                throw new IllegalArgumentException("nameServers: " + server + " (expected: an address and a port)");
            }
        }
        return new DnsDiscovery(services, name, port, List.of(servers), minTtl, maxTtl, timeout);
    }

    /**
     * Sets bounds for the time between two look-ups, whatever TTL answers have: 5 s to 300 s each, which is also what they are unless set.
     *
     * @param min the least
     * @param max the most, not less than {@code min}
     * @return a changed copy
     * @throws IllegalArgumentException if one is out of range
     */
    public DnsDiscovery ttl(Duration min, Duration max) {
        check("minTtl", requireNonNull(min, "min"), LEAST_TTL, MOST_TTL, "5 s to 300 s");
        check("maxTtl", requireNonNull(max, "max"), min, MOST_TTL, "minTtl to 300 s");
        return new DnsDiscovery(services, name, port, nameServers, min, max, timeout);
    }

    /**
     * Sets how long a name server may take to answer a question, before the next one is asked: 100 ms to 30 s, 2 s unless set.
     *
     * @param time how long
     * @return a changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public DnsDiscovery timeout(Duration time) {
        check("timeout", requireNonNull(time, "time"), LEAST_TIMEOUT, MOST_TIMEOUT, "100 ms to 30 s");
        return new DnsDiscovery(services, name, port, nameServers, minTtl, maxTtl, time);
    }

    private static void check(String field, Duration value, Duration least, Duration most, String expected) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(field + ": " + value + " (expected: " + expected + ")");
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public AutoCloseable start(DiscoveryRun run) {
        Search search = new Search(requireNonNull(run, "run"));
        run.later(Duration.ZERO, search);
        return search;
    }

    /** Looks up, again and again: one look-up at a time, on whichever thread of the pool. */
    private final class Search implements Runnable, AutoCloseable {

        private final DiscoveryRun run;

        // handed from one look-up to the next
        private Duration pause = minTtl;

        // written by who ends this; read by the look-up
        private volatile boolean closed;

        Search(DiscoveryRun run) {
            this.run = run;
        }

        @Override
        public void run() {
            Duration next = pause;
            pause = shorter(pause.multipliedBy(2));
            try (DnsQueries queries =
                    new DnsQueries(nameServers, name, timeout, NioDatagramChannel::new, () -> closed)) {
                DnsQueries.Found found = services ? queries.services(name) : queries.addresses(name, port);
                List<DiscoveredServer> servers = found.servers();
                run.found(servers);
                pause = minTtl;
                Duration ttl = Duration.ofSeconds(found.ttlSeconds());
                next = shorter(ttl.compareTo(minTtl) < 0 ? minTtl : ttl);
            } catch (DnsQueries.FailedException e) {
                run.failed(e.why());
            } finally {
                if (!closed) {
                    run.later(next, this);
                }
            }
        }

        private Duration shorter(Duration time) {
            return time.compareTo(maxTtl) > 0 ? maxTtl : time;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DnsDiscovery that
                && services == that.services
                && name.equals(that.name)
                && port == that.port
                && nameServers.equals(that.nameServers)
                && minTtl.equals(that.minTtl)
                && maxTtl.equals(that.maxTtl)
                && timeout.equals(that.timeout);
    }

    @Override
    public int hashCode() {
        return Objects.hash(services, name, port, nameServers, minTtl, maxTtl, timeout);
    }

    @Override
    public String toString() {
        return NAME + " " + (services ? "srv:" + name : port == 0 ? name : name + ":" + port);
    }
}
