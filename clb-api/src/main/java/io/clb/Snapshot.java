package io.clb;

import io.clb.spi.Reason;
import io.clb.spi.ServerState;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The live state of a balancer at one moment. Counters count from the start of the balancer or of the part; those of different parts are read
 * one after the other, while traffic runs.
 *
 * <p>Read-only views that grow with new versions: not to be implemented outside the engine.
 */
public interface Snapshot {

    /**
     * Returns the balancer's name.
     *
     * @return the name
     */
    String name();

    /**
     * Returns when this was taken.
     *
     * @return the moment
     */
    Instant taken();

    /**
     * Returns the transport in use.
     *
     * @return {@code epoll}, {@code kqueue}, {@code nio} or {@code io_uring}
     */
    String transport();

    /**
     * Returns the number of event loops.
     *
     * @return 1 or more
     */
    int loops();

    /**
     * Returns how many configurations were put in force, the first included.
     *
     * @return 1 or more
     */
    long configurations();

    /**
     * Returns how often an observer threw.
     *
     * @return the count
     */
    long observerFailures();

    /**
     * Returns the memory that all flows together take for what was read and is not yet written.
     *
     * @return bytes, at most 100 ms old
     */
    long bufferedBytes();

    /**
     * Returns how much that may be.
     *
     * @return bytes, see {@link Options#MAX_BUFFERED_MIB}
     */
    long maxBufferedBytes();

    /**
     * Returns what became of the lines of all access logs.
     *
     * @return the counts; 0 without an access log
     */
    AccessLog accessLog();

    /**
     * Returns the listeners.
     *
     * @return in the order of the configuration
     */
    List<Listener> listeners();

    /**
     * Returns the server groups.
     *
     * @return in the order of the configuration
     */
    List<ServerGroup> serverGroups();

    /**
     * Returns the limits of the balancer as a whole.
     *
     * @return in the order of the kinds; empty for none
     */
    List<EnforcedLimit> limits();

    /**
     * Returns a listener by name.
     *
     * @param name its name
     * @return the listener
     * @throws IllegalArgumentException if there is none
     */
    default Listener listener(String name) {
        return listeners().stream()
                .filter(l -> l.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("listener: " + name + " (expected: one of "
                        + listeners().stream().map(Listener::name).toList() + ")"));
    }

    /**
     * Returns a server group by name.
     *
     * @param name its name
     * @return the group
     * @throws IllegalArgumentException if there is none
     */
    default ServerGroup serverGroup(String name) {
        return serverGroups().stream()
                .filter(g -> g.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("serverGroup: " + name + " (expected: one of "
                        + serverGroups().stream().map(ServerGroup::name).toList() + ")"));
    }

    /** What is counted. All of it of listeners; of rules what is about requests; of server groups and servers what reached servers. */
    enum Metric {
        /** Connections, on UDP associations, that came in, refused ones included; of groups and servers those that a server accepted. */
        CONNECTIONS,
        /** Requests that came in, refused ones included; of a rule those that it took, of a group those that were to go to one of its servers, of a server those that it was sent. */
        REQUESTS,
        /** Payload received from clients, in bytes; of groups and servers what was sent to servers. */
        BYTES_FROM_CLIENTS,
        /** Payload received from servers, in bytes. */
        BYTES_FROM_SERVERS,
        /** Datagrams of open associations that were dropped. */
        DROPPED,
        /** Requests that were answered with a status of 200 to 299. */
        STATUS_2XX,
        /** Requests that were answered with a status of 300 to 399. */
        STATUS_3XX,
        /** Requests that were answered with a status of 400 to 499, or whose client was gone. */
        STATUS_4XX,
        /** Requests that were answered with a status of 500 to 599. */
        STATUS_5XX,
        /** Requests for which a server sent a status of 200 to 299. */
        UPSTREAM_2XX,
        /** Requests for which a server sent a status of 300 to 399. */
        UPSTREAM_3XX,
        /** Requests for which a server sent a status of 400 to 499. */
        UPSTREAM_4XX,
        /** Requests for which a server sent a status of 500 to 599. */
        UPSTREAM_5XX,
        /** Connects to servers that were refused, failed or timed out; on UDP servers whose port nobody was on. */
        CONNECT_FAILURES,
        /** Responses that were to be compressed and were sent as they came, as their loop compressed as many as it may at a time. */
        UNCOMPRESSED
    }

    /**
     * What was counted second by second in the last minute, and minute by minute in the last hour. Seconds and minutes are those of the balancer's clock; what comes within a few milliseconds of an end may
     * count before or after it.
     */
    interface History {

        /**
         * Returns the last full seconds.
         *
         * @return the oldest first; at most 60, none of them older than a minute
         */
        List<Slice> seconds();

        /**
         * Returns the last full minutes.
         *
         * @return the oldest first; at most 60, none of them older than an hour. The first one after the start of a listener is shorter
         */
        List<Slice> minutes();
    }

    /** A part of a {@link History}. */
    interface Slice {

        /**
         * Returns when it began.
         *
         * @return the moment
         */
        Instant start();

        /**
         * Returns how long it was.
         *
         * @return a second or a minute; more where the balancer's control thread was kept from counting
         */
        Duration length();

        /**
         * Returns a count.
         *
         * @param metric of what
         * @return how many, or bytes
         */
        long count(Metric metric);

        /**
         * Returns the count of the second in which it was highest.
         *
         * @param metric of what
         * @return how many, or bytes; of a slice of one second the count itself
         */
        long highestSecond(Metric metric);

        /**
         * Returns how connections, associations and requests ended.
         *
         * @return counts above 0, by reason
         */
        Map<Reason, Long> ended();

        /**
         * Returns the datagrams of open associations that were dropped.
         *
         * @return counts above 0, by reason
         */
        Map<Reason, Long> dropped();
    }

    /** What became of the lines of all access logs. Each line is counted once: as written, or as dropped. */
    interface AccessLog {

        /**
         * Returns how many lines were written.
         *
         * @return the count
         */
        long lines();

        /**
         * Returns how many bytes were written.
         *
         * @return bytes
         */
        long bytes();

        /**
         * Returns how many lines were dropped: as too many waited to be written, or as they could not be.
         *
         * @return the count
         */
        long droppedLines();

        /**
         * Returns how many bytes those had.
         *
         * @return bytes
         */
        long droppedBytes();

        /**
         * Returns how often a file or sink failed.
         *
         * @return the count
         */
        long failures();

        /**
         * Returns what failed last.
         *
         * @return the destination, and what it said; null if nothing has failed
         */
        @Nullable
        String lastFailure();
    }

    /** How long it took to serve what came, so that it can be seen where time goes. What is measured says the part. */
    interface Latency {

        /**
         * Returns what the last ten full seconds were like.
         *
         * @return what was measured in them
         */
        LatencyWindow lastTenSeconds();

        /**
         * Returns what the last 60 full seconds were like.
         *
         * @return what was measured in them
         */
        LatencyWindow lastMinute();
    }

    /**
     * The times that were measured in some seconds. They are told to within a sixteenth, from 1 us to 4.8 hours; what is shorter or longer is told as that.
     */
    interface LatencyWindow {

        /**
         * Returns how many there are.
         *
         * @return the number
         */
        long count();

        /**
         * Returns the time that so many of them did not exceed.
         *
         * @param percent above 0, up to 100
         * @return the time; {@link Duration#ZERO} if there are none
         * @throws IllegalArgumentException if the percentage is out of range
         */
        Duration percentile(double percent);

        /**
         * Returns the time that half of them did not exceed.
         *
         * @return the time; {@link Duration#ZERO} if there are none
         */
        default Duration p50() {
            return percentile(50);
        }

        /**
         * Returns the time that nine of ten did not exceed.
         *
         * @return the time; {@link Duration#ZERO} if there are none
         */
        default Duration p90() {
            return percentile(90);
        }

        /**
         * Returns the time that 99 of 100 did not exceed.
         *
         * @return the time; {@link Duration#ZERO} if there are none
         */
        default Duration p99() {
            return percentile(99);
        }

        /**
         * Returns the longest.
         *
         * @return the time; {@link Duration#ZERO} if there are none
         */
        default Duration max() {
            return percentile(100);
        }
    }

    /**
     * What is counted of a part of the balancer: a listener, a rule, a server group or a server. Of rules, groups and servers the {@link #history()} begins with the second in which the first of it came, so that
     * those that nothing comes to cost nothing.
     */
    interface Part {

        /**
         * Returns a count since the part came.
         *
         * @param metric of what
         * @return how many, or bytes
         */
        long count(Metric metric);

        /**
         * Returns how connections, associations and requests ended.
         *
         * @return counts above 0, by reason
         */
        Map<Reason, Long> ended();

        /**
         * Returns what was counted in the last minute and in the last hour.
         *
         * @return the history
         */
        History history();

        /**
         * Returns how long it took, lately.
         *
         * @return the times
         */
        Latency latency();
    }

    /**
     * A listener's state. Its {@link #latency()} is what clients saw: of a request from its first byte to the last byte of its response, whatever came of it, if a server was sent it (of a WebSocket to the end of the
     * handshake); of a TCP connection until a server had accepted; of a UDP association until a server answered.
     */
    interface Listener extends Part {

        /**
         * Returns the name.
         *
         * @return the name
         */
        String name();

        /**
         * Returns where it listens.
         *
         * @return the addresses
         */
        List<InetSocketAddress> addresses();

        /**
         * Returns the name of the group that it forwards to, unless a rule takes a flow.
         *
         * @return the group; empty if it has rules only
         */
        String serverGroup();

        /**
         * Returns how many connections are open, on UDP how many associations.
         *
         * @return the number
         */
        long active();

        /**
         * Returns how many connections came in, on UDP how many associations would have begun, refused ones included.
         *
         * @return the count
         */
        long accepted();

        /**
         * Returns how many requests came in, refused ones included.
         *
         * @return the count; 0 for listeners that are not HTTP
         */
        long requests();

        /**
         * Returns how many WebSockets there are, handshakes under way included.
         *
         * @return the number; 0 for listeners that are not HTTP
         */
        long webSockets();

        /**
         * Returns the payload received from clients.
         *
         * @return bytes
         */
        long bytesFromClients();

        /**
         * Returns the payload received from servers.
         *
         * @return bytes
         */
        long bytesFromServers();

        /**
         * Returns the datagrams of open associations that were dropped. Those that could begin none are in {@link #ended()}.
         *
         * @return counts above 0, by reason; empty for listeners that are not UDP
         */
        Map<Reason, Long> dropped();

        /**
         * Returns the rules.
         *
         * @return in the order of the configuration; empty for listeners that are not HTTP
         */
        List<Rule> rules();

        /**
         * Returns a rule by name.
         *
         * @param name its name
         * @return the rule
         * @throws IllegalArgumentException if there is none
         */
        default Rule rule(String name) {
            return rules().stream()
                    .filter(r -> r.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("rule: " + name + " (expected: one of "
                            + rules().stream().map(Rule::name).toList() + ")"));
        }

        /**
         * Returns the limits of the listener itself. Those of its rules and of the balancer hold for it too.
         *
         * @return in the order of the kinds; empty for none
         */
        List<EnforcedLimit> limits();

        /**
         * Returns the limits of the rules that have any.
         *
         * @return by the name of the rule, in the order of the configuration
         */
        Map<String, List<EnforcedLimit>> ruleLimits();

        /**
         * Returns what became of the copies that rules with {@code mirrorTo} make of requests.
         *
         * @return by the name of the rule, in the order of the configuration; empty if no rule mirrors
         */
        Map<String, Mirror> mirrors();
    }

    /**
     * The copies that a rule makes of requests, see {@link RuleConfig.Builder#mirrorTo}. Each request that was to be copied is counted once: as {@link #active}, then as
     * {@link #mirrored} or among {@link #givenUp}.
     */
    interface Mirror {

        /**
         * Returns the name of the server group that gets them.
         *
         * @return the group
         */
        String serverGroup();

        /**
         * Returns how many are under way.
         *
         * @return the number
         */
        long active();

        /**
         * Returns how many a server has answered to the end, with whatever status.
         *
         * @return the count
         */
        long mirrored();

        /**
         * Returns how many were not, or never made.
         *
         * @return counts above 0, by reason
         */
        Map<Reason, Long> givenUp();
    }

    /** What a forwarding rule does. What is counted is what it took; its {@link #latency()} is that of a listener's requests. */
    interface Rule extends Part {

        /**
         * Returns the name.
         *
         * @return the name
         */
        String name();

        /**
         * Returns how many of its requests are under way.
         *
         * @return the number
         */
        long active();
    }

    /** A limit, as this node enforces it. Bandwidth has two, one for each direction. */
    interface EnforcedLimit {

        /** A second in which a limit bit. */
        interface BittenSecond {

            /**
             * Returns when it began.
             *
             * @return the moment, to the millisecond
             */
            Instant start();

            /**
             * Returns what the limit did in it.
             *
             * @return requests or connections refused; of bandwidth, reads put off, or datagrams dropped
             */
            long count();
        }

        /**
         * Returns what is limited.
         *
         * @return the kind
         */
        Limit.Kind kind();

        /**
         * Returns the name.
         *
         * @return that of the kind; of bandwidth {@code "bandwidth from clients"} or {@code "bandwidth to clients"}
         */
        String name();

        /**
         * Returns the total for the whole cluster.
         *
         * @return so many in a {@link #period()}
         */
        long total();

        /**
         * Returns the time that the total is for.
         *
         * @return a second, if the limit does not say otherwise
         */
        Duration period();

        /**
         * Returns how many nodes share it.
         *
         * @return N: a node's share is {@code total / (N - 1)}, or the total where N is 1
         */
        int nodes();

        /**
         * Returns how the total is divided among the nodes.
         *
         * @return {@code "even"}: {@code total / (N - 1)} for each
         */
        String mode();

        /**
         * Returns what this node enforces, exactly.
         *
         * @return the fraction, such as {@code "1000/7"} a second
         */
        String share();

        /**
         * Returns what this node enforces, truncated.
         *
         * @return per second, such as {@code "142"}, {@code "1,000"} or {@code "0.142"}; of bandwidth such as {@code "3.33 Mbit/s"}
         */
        String enforced();

        /**
         * Returns what was let through in the last full second. Seconds are those of the balancer's clock.
         *
         * @return requests, connections or bits; of a limit per key, of all keys together
         */
        long used();

        /**
         * Returns what the limit has refused since it was set.
         *
         * @return requests, connections, or datagrams
         */
        long dropped();

        /**
         * Returns how often bandwidth was put off since the limit was set.
         *
         * @return reads that had to wait for their turn
         */
        long putOff();

        /**
         * Returns how often a key had to share the limit of another, as there were more keys than the limit can tell apart.
         *
         * @return the count; 0 of limits that are not per key
         */
        long sharedKeys();

        /**
         * Returns the last seconds in which the limit bit.
         *
         * @return up to 60 for each event loop, the oldest first
         */
        List<BittenSecond> history();
    }

    /**
     * A server group's state. What is counted is what was to go to one of its servers, copies of requests included, whether one had room for it or not; its {@link #latency()} is that of its servers.
     */
    interface ServerGroup extends Part {

        /**
         * Returns the name.
         *
         * @return the name
         */
        String name();

        /**
         * Returns the name of its scheduler.
         *
         * @return the name
         */
        String scheduler();

        /**
         * Returns how many connections, associations and requests are under way, those included that look for a server, or wait for room on one.
         *
         * @return the number
         */
        long active();

        /**
         * Returns whether flows go to servers that are down or ejected, as no other is left and the group fails open.
         *
         * @return false as long as there are others, and always unless {@code failOpen} is on
         */
        boolean failingOpen();

        /**
         * Returns how often a server was not ejected that would have been, as so many were already, or as it was the last one.
         *
         * @return the count
         */
        long ejectionsSpared();

        /**
         * Returns how many servers were removed whose connections and associations ended before the time that {@code draining} gives them, as more than 65,536
         * removed servers drained.
         *
         * @return a count
         */
        long drainsCutShort();

        /**
         * Returns how often a client's server was forgotten too early, for want of room in the table of its stickiness, or of QUIC connection ids.
         *
         * @return the count, over all listeners that send to the group in force
         */
        long forgotten();

        /**
         * Returns how many connections and requests wait for room, as servers have {@code maxConnections}.
         *
         * @return the number, those that wait for one server in particular included
         */
        int waiting();

        /**
         * Returns where the discovery of the group stands.
         *
         * @return null if it has none
         */
        @Nullable
        Discovery discovery();

        /**
         * Returns the servers, those that were found included.
         *
         * @return sorted by id
         */
        List<Server> servers();

        /**
         * Returns a server by id.
         *
         * @param id {@code host:port}
         * @return the server
         * @throws IllegalArgumentException if there is none
         */
        default Server server(String id) {
            return servers().stream()
                    .filter(s -> s.id().equals(id))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("server: " + id + " (expected: one of "
                            + servers().stream().map(Server::id).toList() + ")"));
        }
    }

    /** What the discovery of a group told last. */
    interface Discovery {

        /**
         * Returns its name.
         *
         * @return the name
         */
        String name();

        /**
         * Returns how many servers it found, those included that the group names itself.
         *
         * @return sound entries of the last list that could be used; 0 before the first
         */
        int found();

        /**
         * Returns how many entries of that list were left out, as they are not sound.
         *
         * @return a number; the log says why
         */
        int refused();

        /**
         * Returns when that list came.
         *
         * @return the moment, or null before the first
         */
        @Nullable
        Instant accepted();

        /**
         * Returns why the last report could not be used, so that the servers of the list before are kept.
         *
         * @return in a few words; null if it could, or before the first
         */
        @Nullable
        String failure();

        /**
         * Returns how many reports could not be used.
         *
         * @return the count, since the discovery was started; of those in quick succession only the last counts
         */
        long failures();
    }

    /**
     * A server's state. What is counted is what it was given. Its {@link #latency()} goes from when it was picked: of a request to the last byte of its response, connect included (of a WebSocket to the end of the
     * handshake), of a TCP connection until it had accepted, of a UDP association to its first answer.
     */
    interface Server extends Part {

        /**
         * Returns the id.
         *
         * @return {@code host:port}
         */
        String id();

        /**
         * Returns what it is to the others of its group.
         *
         * @return primary or secondary, or equal where there is no such pair
         */
        ServerConfig.Role role();

        /**
         * Returns the state.
         *
         * @return the state
         */
        ServerState state();

        /**
         * Returns why it is in this state: what its check said last, unless something else decides, such as the operator's word.
         *
         * @return in a few words
         */
        String why();

        /**
         * Returns since when it is in this state.
         *
         * @return the moment
         */
        Instant since();

        /**
         * Returns when what still runs on it is ended, as it takes nothing new.
         *
         * @return the moment, which may have passed; null if there is none
         */
        @Nullable
        Instant drainDeadline();

        /**
         * Returns how long the last probe took.
         *
         * @return the time, or null if none has ended
         */
        @Nullable
        Duration lastProbe();

        /**
         * Returns the weight as configured.
         *
         * @return 0 to 100
         */
        int weight();

        /**
         * Returns the weight in force: less than the configured one in slow start, else the same, whatever the state.
         *
         * @return 1 to {@link #weight()}, or 0 if that is 0
         */
        int weightInForce();

        /**
         * Returns how many flows are on it, connects in progress included.
         *
         * @return the number
         */
        int active();

        /**
         * Returns how many connections and requests wait for room on this very server, to which a hash or stickiness binds them.
         *
         * @return the number; the others are {@linkplain ServerGroup#waiting() the group's}
         */
        int waiting();

        /**
         * Returns how many flows it took.
         *
         * @return connections that it accepted; on UDP associations that it was given
         */
        long connections();

        /**
         * Returns how many flows it did not take.
         *
         * @return connects that were refused, failed or timed out; on UDP associations whose first datagrams were refused (port unreachable)
         */
        long connectFailures();

        /**
         * Returns how many flows it reset; on UDP, refused when it had answered before.
         *
         * @return the count
         */
        long resets();

        /**
         * Returns how often it was ejected.
         *
         * @return the count
         */
        long ejections();

        /**
         * Returns the payload sent to it.
         *
         * @return bytes
         */
        long bytesToServer();

        /**
         * Returns the payload received from it.
         *
         * @return bytes
         */
        long bytesFromServer();
    }
}
