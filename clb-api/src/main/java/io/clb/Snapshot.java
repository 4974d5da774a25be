package io.clb;

import io.clb.spi.Reason;
import io.clb.spi.ServerState;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The live state of a balancer at one moment. Counters count from the start of the balancer or of the part; those of different parts are read
 * one after the other, while traffic runs.
 *
 * <p>Read-only views that grow with new versions: not to be implemented outside the engine.
 */
public interface Snapshot {

    /** {@return the balancer's name} */
    String name();

    /** {@return when this was taken} */
    Instant taken();

    /** {@return the transport in use: {@code epoll}, {@code kqueue}, {@code nio} or {@code io_uring}} */
    String transport();

    /** {@return the number of event loops, 1 or more} */
    int loops();

    /** {@return how many configurations were put in force, 1 or more, as the first is included} */
    long configurations();

    /** {@return how often an observer threw} */
    long observerFailures();

    /** {@return the memory that all flows together take for what was read and is not yet written, in bytes, at most 100 ms old} */
    long bufferedBytes();

    /** {@return how much that may be, in bytes, see {@link Options#MAX_BUFFERED_MIB}} */
    long maxBufferedBytes();

    /** {@return what became of the lines of all access logs; counts of 0 without one} */
    AccessLog accessLog();

    /** {@return the listeners, in the order of the configuration} */
    List<Listener> listeners();

    /** {@return the server groups, in the order of the configuration} */
    List<ServerGroup> serverGroups();

    /** {@return the limits of the balancer as a whole, in the order of the kinds; empty for none} */
    List<EnforcedLimit> limits();

    /** {@return how this node sees its cluster; null unless its nodes talk to each other, see {@link Cluster#of}} */
    @Nullable
    ClusterState cluster();

    /**
     * Returns a listener by name.
     *
     * @param name its name
     * @return the listener
     * @throws IllegalArgumentException if there is none
     */
    default Listener listener(String name) {
        return named("listener", listeners(), Listener::name, name);
    }

    /**
     * Returns a server group by name.
     *
     * @param name its name
     * @return the group
     * @throws IllegalArgumentException if there is none
     */
    default ServerGroup serverGroup(String name) {
        return named("serverGroup", serverGroups(), ServerGroup::name, name);
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

        /** {@return the last full seconds, the oldest first; at most 60, none of them older than a minute} */
        List<Slice> seconds();

        /** {@return the last full minutes, the oldest first; at most 60, none of them older than an hour} The first one after the start of a listener is shorter. */
        List<Slice> minutes();
    }

    /** A part of a {@link History}. */
    interface Slice {

        /** {@return when it began} */
        Instant start();

        /** {@return how long it was: a second or a minute; more where the balancer's control thread was kept from counting} */
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

        /** {@return how connections, associations and requests ended: counts above 0, by reason} */
        Map<Reason, Long> ended();

        /** {@return the datagrams of open associations that were dropped: counts above 0, by reason} */
        Map<Reason, Long> dropped();
    }

    /** What became of the lines of all access logs. Each line is counted once: as written, or as dropped. */
    interface AccessLog {

        /** {@return how many lines were written} */
        long lines();

        /** {@return how many bytes were written} */
        long bytes();

        /** {@return how many lines were dropped: as too many waited to be written, or as they could not be} */
        long droppedLines();

        /** {@return how many bytes those had} */
        long droppedBytes();

        /** {@return how often a file or sink failed} */
        long failures();

        /** {@return what failed last: the destination, and what it said; null if nothing has failed} */
        @Nullable
        String lastFailure();
    }

    /** How long it took to serve what came, so that it can be seen where time goes. What is measured says the part. */
    interface Latency {

        /** {@return what the last ten full seconds were like} */
        LatencyWindow lastTenSeconds();

        /** {@return what the last 60 full seconds were like} */
        LatencyWindow lastMinute();
    }

    /**
     * The times that were measured in some seconds. They are told to within a sixteenth, from 1 us to 4.8 hours; what is shorter or longer is told as that.
     */
    interface LatencyWindow {

        /** {@return how many there are} */
        long count();

        /**
         * Returns the time that so many of them did not exceed.
         *
         * @param percent above 0, up to 100
         * @return the time; {@link Duration#ZERO} if there are none
         * @throws IllegalArgumentException if the percentage is out of range
         */
        Duration percentile(double percent);

        /** {@return the time that half of them did not exceed; {@link Duration#ZERO} if there are none} */
        default Duration p50() {
            return percentile(50);
        }

        /** {@return the time that nine of ten did not exceed; {@link Duration#ZERO} if there are none} */
        default Duration p90() {
            return percentile(90);
        }

        /** {@return the time that 99 of 100 did not exceed; {@link Duration#ZERO} if there are none} */
        default Duration p99() {
            return percentile(99);
        }

        /** {@return the longest; {@link Duration#ZERO} if there are none} */
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

        /** {@return how connections, associations and requests ended: counts above 0, by reason} */
        Map<Reason, Long> ended();

        /** {@return what was counted in the last minute and in the last hour} */
        History history();

        /** {@return how long it took, lately} */
        Latency latency();
    }

    /**
     * A listener's state. Its {@link #latency()} is what clients saw: of a request from its first byte to the last byte of its response, whatever came of it, if a server was sent it (of a WebSocket to the end of the
     * handshake); of a TCP connection until a server had accepted; of a UDP association until a server answered.
     */
    interface Listener extends Part {

        /** {@return the name} */
        String name();

        /** {@return where it listens} */
        List<InetSocketAddress> addresses();

        /** {@return the name of the group that it forwards to, unless a rule takes a flow; empty if it has rules only} */
        String serverGroup();

        /** {@return how TLS is spoken, and with which certificates; null for listeners without TLS} */
        @Nullable
        TlsState tls();

        /** {@return how many connections are open, on UDP how many associations} */
        long active();

        /** {@return how many connections came in, on UDP how many associations would have begun, refused ones included} */
        long accepted();

        /** {@return how many requests came in, refused ones included; 0 for listeners that are not HTTP} */
        long requests();

        /** {@return how many WebSockets there are, handshakes under way included; 0 for listeners that are not HTTP} */
        long webSockets();

        /** {@return the payload received from clients, in bytes} */
        long bytesFromClients();

        /** {@return the payload received from servers, in bytes} */
        long bytesFromServers();

        /** {@return the datagrams of open associations that were dropped: counts above 0, by reason; empty for listeners that are not UDP} Those that could begin none are in {@link #ended()}. */
        Map<Reason, Long> dropped();

        /** {@return the rules, in the order of the configuration; empty for listeners that are not HTTP} */
        List<Rule> rules();

        /**
         * Returns a rule by name.
         *
         * @param name its name
         * @return the rule
         * @throws IllegalArgumentException if there is none
         */
        default Rule rule(String name) {
            return named("rule", rules(), Rule::name, name);
        }

        /** {@return the limits of the listener itself, in the order of the kinds; empty for none} Those of its rules and of the balancer hold for it too. */
        List<EnforcedLimit> limits();

        /** {@return the limits of the rules that have any, by the name of the rule, in the order of the configuration} */
        Map<String, List<EnforcedLimit>> ruleLimits();

        /** {@return what became of the copies that rules with {@code mirrorTo} make of requests, by the name of the rule, in the order of the configuration; empty if no rule mirrors} */
        Map<String, Mirror> mirrors();
    }

    /**
     * The copies that a rule makes of requests, see {@link RuleConfig.Builder mirrorTo}. Each request that was to be copied is counted once: as {@link #active}, then as
     * {@link #mirrored} or among {@link #givenUp}.
     */
    interface Mirror {

        /** {@return the name of the server group that gets them} */
        String serverGroup();

        /** {@return how many are under way} */
        long active();

        /** {@return how many a server has answered to the end, with whatever status} */
        long mirrored();

        /** {@return how many were not, or never made: counts above 0, by reason} */
        Map<Reason, Long> givenUp();
    }

    /** What a forwarding rule does. What is counted is what it took; its {@link #latency()} is that of a listener's requests. */
    interface Rule extends Part {

        /** {@return the name} */
        String name();

        /** {@return how many of its requests are under way} */
        long active();
    }

    /** How a node sees the cluster whose nodes talk to each other. */
    interface ClusterState {

        /** Another node. */
        interface Node {

            /** {@return its name} */
            String name();

            /** {@return whether it is there: it was heard not long ago, for which 15 report intervals are long} */
            boolean present();

            /** {@return how long ago it was heard; null if never, as others told of it} */
            @Nullable
            Duration lastHeard();
        }

        /** Something that happened to the cluster. */
        interface Event {

            /** {@return when, to the millisecond} */
            Instant at();

            /** {@return what, such as {@code "node-2 is silent"} or {@code "disconnected: ..."} with the reason} */
            String what();
        }

        /** {@return the name of this node} */
        String node();

        /** {@return what carries its messages, such as {@code "redis"}} */
        String transport();

        /** {@return whether others can be reached, as far as the transport knows} */
        boolean connected();

        /** {@return N: how many nodes belong to the cluster, silent ones too; it falls when one is shut down or {@linkplain LoadBalancer#forgetNode forgotten}} */
        int nodes();

        /** {@return how many of them are there, this one included} */
        int present();

        /** {@return all but this one, by name} */
        List<Node> others();

        /** {@return the last 100 things that happened, the oldest first} */
        List<Event> events();

        /** {@return how often a node was not taken in, as there were 10,000 already} */
        long leftOut();

        /** {@return how many reports of others came that this node had no time for} */
        long lostReports();

        /** {@return how many messages came that were no reports: of another version, or not meant for this cluster} */
        long strangeMessages();

        /** {@return how many asks for permits of limits that are {@linkplain Limit#leased leased} were not answered in time} */
        long unansweredAsks();
    }

    /** A limit, as this node enforces it. Bandwidth has two, one for each direction. */
    interface EnforcedLimit {

        /** A second in which a limit bit. */
        interface BittenSecond {

            /** {@return when it began, to the millisecond} */
            Instant start();

            /** {@return what the limit did in it: requests or connections refused; of bandwidth, reads put off, or datagrams dropped} */
            long count();
        }

        /** {@return what is limited} */
        Limit.Kind kind();

        /** {@return the name, that of the kind; of bandwidth {@code "bandwidth from clients"} or {@code "bandwidth to clients"}} */
        String name();

        /** {@return the total for the whole cluster, so many in a {@link #period()}} */
        long total();

        /** {@return the time that the total is for, a second if the limit does not say otherwise} */
        Duration period();

        /** {@return how many nodes share it, N: a node's share is {@code total / (N - 1)}, or the total where N is 1, if it is divided evenly} */
        int nodes();

        /** {@return how the total is divided among the nodes: {@code "even"}, {@code total / (N - 1)} for each, {@code "adaptive"} or {@code "leased"}, by what comes to each} */
        String mode();

        /**
         * {@return what this node enforces, exactly: the fraction, such as {@code "1000/7"} a second} Where nodes talk to each other it is what holds at this moment, such as {@code "812.5"}, or {@code
         * "open"} for a limit that is lifted as the node is alone.
         */
        String share();

        /** {@return what others lend this node, or what it has leased, at this moment, in requests, connections or bits a second; 0 of an even limit} */
        long borrowed();

        /** {@return what this node lends others, has not got back yet, or has given to those who lease, as {@link #borrowed}} */
        long lent();

        /** {@return what comes to this node, as far as the total is divided by it, as {@link #borrowed}} */
        long wanted();

        /** {@return what this node enforces, truncated: per second, such as {@code "142"}, {@code "1,000"} or {@code "0.142"}; of bandwidth such as {@code "3.33 Mbit/s"}} */
        String enforced();

        /** {@return what was let through in the last full second: requests, connections or bits; of a limit per key, of all keys together} Seconds are those of the balancer's clock. */
        long used();

        /** {@return what the limit has refused since it was set: requests, connections, or datagrams} */
        long dropped();

        /** {@return how often bandwidth was put off since the limit was set: reads that had to wait for their turn} */
        long putOff();

        /** {@return how often a key had to share the limit of another, as there were more keys than the limit can tell apart; 0 of limits that are not per key} */
        long sharedKeys();

        /** {@return the last seconds in which the limit bit, up to 60 for each event loop, the oldest first} */
        List<BittenSecond> history();
    }

    /**
     * A server group's state. What is counted is what was to go to one of its servers, copies of requests included, whether one had room for it or not; its {@link #latency()} is that of its servers.
     */
    interface ServerGroup extends Part {

        /** {@return the name} */
        String name();

        /** {@return the name of its scheduler} */
        String scheduler();

        /** {@return how many connections, associations and requests are under way, those included that look for a server, or wait for room on one} */
        long active();

        /** {@return whether flows go to servers that are down or ejected, as no other is left and the group fails open: false as long as there are others, and always unless {@code failOpen} is on} */
        boolean failingOpen();

        /** {@return how often a server was not ejected that would have been, as so many were already, or as it was the last one} */
        long ejectionsSpared();

        /** {@return how many servers were removed whose connections and associations ended before the time that {@code draining} gives them, as more than 65,536 removed servers drained} */
        long drainsCutShort();

        /** {@return how often a client's server was forgotten too early, for want of room in the table of its stickiness, or of QUIC connection ids, over all listeners that send to the group in force} */
        long forgotten();

        /** {@return how many connections and requests wait for room, as servers have {@code maxConnections}, those that wait for one server in particular included} */
        int waiting();

        /** {@return where the discovery of the group stands; null if it has none} */
        @Nullable
        Discovery discovery();

        /** {@return the servers, those that were found included, sorted by id} */
        List<Server> servers();

        /**
         * Returns a server by id.
         *
         * @param id {@code host:port}
         * @return the server
         * @throws IllegalArgumentException if there is none
         */
        default Server server(String id) {
            return named("server", servers(), Server::id, id);
        }
    }

    /** What the discovery of a group told last. */
    interface Discovery {

        /** {@return its name} */
        String name();

        /** {@return how many servers it found, those included that the group names itself: sound entries of the last list that could be used; 0 before the first} */
        int found();

        /** {@return how many entries of that list were left out, as they are not sound; the log says why} */
        int refused();

        /** {@return when that list came, or null before the first} */
        @Nullable
        Instant accepted();

        /** {@return why the last report could not be used, so that the servers of the list before are kept, in a few words; null if it could, or before the first} */
        @Nullable
        String failure();

        /** {@return how many reports could not be used since the discovery was started; of those in quick succession only the last counts} */
        long failures();
    }

    /**
     * A server's state. What is counted is what it was given. Its {@link #latency()} goes from when it was picked: of a request to the last byte of its response, connect included (of a WebSocket to the end of the
     * handshake), of a TCP connection until it had accepted, of a UDP association to its first answer.
     */
    interface Server extends Part {

        /** {@return the id, {@code host:port}} */
        String id();

        /** {@return what it is to the others of its group: primary or secondary, or equal where there is no such pair} */
        ServerConfig.Role role();

        /** {@return the state} */
        ServerState state();

        /** {@return why it is in this state, in a few words: what its check said last, unless something else decides, such as the operator's word} */
        String why();

        /** {@return since when it is in this state} */
        Instant since();

        /** {@return when what still runs on it is ended, as it takes nothing new; the moment may have passed; null if there is none} */
        @Nullable
        Instant drainDeadline();

        /** {@return how long the last probe took, or null if none has ended} */
        @Nullable
        Duration lastProbe();

        /** {@return the weight as configured, 0 to 100} */
        int weight();

        /** {@return the weight in force, 1 to {@link #weight()}, or 0 if that is 0: less than the configured one in slow start, else the same, whatever the state} */
        int weightInForce();

        /** {@return how many flows are on it, connects in progress included} */
        int active();

        /** {@return how many connections and requests wait for room on this very server, to which a hash or stickiness binds them; the others are {@linkplain ServerGroup#waiting() the group's}} */
        int waiting();

        /** {@return how many flows it took: connections that it accepted; on UDP associations that it was given} */
        long connections();

        /** {@return how many flows it did not take: connects that were refused, failed or timed out; on UDP associations whose first datagrams were refused (port unreachable)} */
        long connectFailures();

        /** {@return how many flows it reset; on UDP, refused when it had answered before} */
        long resets();

        /** {@return how often it was ejected} */
        long ejections();

        /** {@return the payload sent to it, in bytes} */
        long bytesToServer();

        /** {@return the payload received from it, in bytes} */
        long bytesFromServer();
    }

    private static <T> T named(String kind, List<T> parts, Function<T, String> nameOf, String name) {
        return parts.stream()
                .filter(part -> nameOf.apply(part).equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(kind + ": " + name + " (expected: one of "
                        + parts.stream().map(nameOf).toList() + ")"));
    }
}
