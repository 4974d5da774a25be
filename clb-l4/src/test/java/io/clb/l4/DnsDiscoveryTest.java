package io.clb.l4;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.Extensions;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import io.clb.spi.HealthChecker;
import io.clb.spi.ServerState;
import io.clb.spi.Verdict;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers out of DNS, from a name server on loopback. */
@ExtendWith(LeakCheck.class)
final class DnsDiscoveryTest {

    private static final Duration SHORT = Duration.ofMillis(100);
    private static final String SERVICE = "_x._tcp.app.test";

    private final FakeClock clock = new FakeClock();
    private final DnsServer dns = new DnsServer();

    @AfterEach
    void stopServer() {
        dns.close();
    }

    private static Config config(DnsDiscovery discovery) {
        return Balancers.tcp(g -> g.healthCheck(HealthCheck.none()).discovery(discovery))
                .build();
    }

    private LoadBalancer start(String transport, DnsDiscovery discovery) {
        return clock.start(transport, config(discovery.nameServers(dns.address())));
    }

    /** A server on an address of loopback that says it. */
    private static TestServer on(String address, int port) throws Exception {
        return TestServer.at(new InetSocketAddress(InetAddress.getByName(address), port), socket -> {
            socket.getOutputStream().write((address + "\n").getBytes(StandardCharsets.US_ASCII));
            TestServer.echo(socket);
        });
    }

    private static List<String> weights(LoadBalancer lb) {
        return lb.snapshot().serverGroup("servers").servers().stream()
                .map(server -> server.id() + " " + server.weight())
                .toList();
    }

    private static List<String> ids(LoadBalancer lb) {
        return lb.snapshot().serverGroup("servers").servers().stream()
                .map(Snapshot.Server::id)
                .toList();
    }

    private static Snapshot.Discovery discovery(LoadBalancer lb) {
        return requireNonNull(lb.snapshot().serverGroup("servers").discovery());
    }

    private static String served(LoadBalancer lb) throws Exception {
        try (Client client = Client.to(lb, "front")) {
            return client.line();
        }
    }

    /** Lets time pass, second by second, until something is so; returns how many. */
    private int secondsUntil(BooleanSupplier so) {
        AtomicInteger seconds = new AtomicInteger();
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            if (so.getAsBoolean()) {
                return true;
            }
            clock.advance(Duration.ofSeconds(1));
            seconds.incrementAndGet();
            return false;
        });
        return seconds.get();
    }

    private int secondsUntilAskedAgain(String question) {
        int asked = dns.asked(question);
        return secondsUntil(() -> dns.asked(question) > asked);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void everyAddressIsAServerFromTheFirstConnectionOn(String transport) throws Exception {
        try (TestServer one = on("127.0.0.1", Ports.free());
                TestServer two = on("127.0.0.2", one.port())) {
            dns.addresses("app.test", 30, "127.0.0.1", "127.0.0.2");
            try (LoadBalancer lb = start(transport, DnsDiscovery.addresses("app.test", two.port()))) {
                assertThat(List.of(served(lb), served(lb))).containsExactlyInAnyOrder("127.0.0.1", "127.0.0.2");
                assertThat(discovery(lb))
                        .returns("dns", Snapshot.Discovery::name)
                        .returns(2, Snapshot.Discovery::found)
                        .returns(null, Snapshot.Discovery::failure);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void addressesOfBothKindsAreServers(String transport) {
        dns.addresses("app.test", 30, "2001:db8::1", "127.0.0.1").addresses("six.test", 30, "::1");
        try (LoadBalancer lb = start(transport, DnsDiscovery.addresses("app.test", 80))) {
            assertThat(ids(lb)).containsExactly("127.0.0.1:80", "[2001:db8::1]:80");
        }
        try (LoadBalancer lb = start(transport, DnsDiscovery.addresses("six.test"))) {
            assertThat(ids(lb)).containsExactly("[::1]");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aChangedAnswerMovesTrafficWhenTheTtlIsOver(String transport) throws Exception {
        try (TestServer one = on("127.0.0.1", Ports.free());
                TestServer two = on("127.0.0.2", one.port())) {
            dns.addresses("app.test", 30, "127.0.0.1");
            try (LoadBalancer lb = start(transport, DnsDiscovery.addresses("app.test", two.port()));
                    Client open = Client.to(lb, "front")) {
                assertThat(open.line()).isEqualTo("127.0.0.1");
                dns.addresses("app.test", 60, "127.0.0.2");
                assertThat(secondsUntilAskedAgain("A app.test")).isBetween(30, 299);
                int passed = secondsUntil(() -> ids(lb).equals(List.of(two(two))));
                assertThat(served(lb)).isEqualTo("127.0.0.2");
                assertThat(open.echoes("its server is not in DNS any more")).isTrue();
                assertThat(passed + secondsUntilAskedAgain("A app.test")).isBetween(58, 299);
            }
        }
    }

    private static String two(TestServer server) {
        return "127.0.0.2:" + server.port();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void theSmallestTtlCountsWithinItsBounds(String transport) {
        dns.alias("alias.test", 40, "127.0.0.1", 200)
                .addresses("short.test", 0, "127.0.0.1")
                .addresses("long.test", 1_000_000, "127.0.0.1");
        try (LoadBalancer lb = start(transport, DnsDiscovery.addresses("alias.test", 80))) {
            assertThat(ids(lb)).containsExactly("127.0.0.1:80");
            assertThat(secondsUntilAskedAgain("A alias.test")).isBetween(40, 199);
        }
        Duration ten = Duration.ofSeconds(10);
        DnsDiscovery often = DnsDiscovery.addresses("short.test", 80).ttl(ten, ten.multipliedBy(2));
        try (LoadBalancer lb = start(transport, often)) {
            assertThat(ids(lb)).containsExactly("127.0.0.1:80");
            assertThat(secondsUntilAskedAgain("A short.test")).isBetween(10, 299);
        }
        DnsDiscovery seldom = DnsDiscovery.addresses("long.test", 80).ttl(ten, ten.multipliedBy(2));
        try (LoadBalancer lb = start(transport, seldom)) {
            assertThat(ids(lb)).containsExactly("127.0.0.1:80");
            assertThat(secondsUntilAskedAgain("A long.test")).isBetween(20, 299);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void servicesHavePortsAndWeights(String transport) throws Exception {
        try (TestServer big = TestServer.named();
                TestServer small = TestServer.named();
                TestServer spare = TestServer.named()) {
            dns.addresses("a.test", 30, "127.0.0.1")
                    .addresses("spare.test", 30, "127.0.0.1")
                    .service(SERVICE, 30, 1, 300, big.port(), "a.test")
                    .service(SERVICE, 30, 1, 100, small.port(), "a.test")
                    .service(SERVICE, 30, 2, 1000, spare.port(), "spare.test");
            try (LoadBalancer lb = start(transport, DnsDiscovery.srv(SERVICE))) {
                assertThat(weights(lb)).containsExactlyInAnyOrder(big.id() + " 100", small.id() + " 33");
                List<String> names = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    names.add(served(lb));
                }
                assertThat(names).filteredOn(big.id()::equals).hasSize(6);
                assertThat(names).filteredOn(small.id()::equals).hasSize(2);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void weightsOfServicesAreSharedByAddressesAndNeverLost(String transport) {
        dns.addresses("two.test", 30, "10.0.0.1", "10.0.0.2")
                .addresses("one.test", 30, "10.0.0.3")
                .addresses("none.test", 30)
                .service(SERVICE, 30, 0, 1_000, 80, "two.test")
                .service(SERVICE, 30, 0, 1, 80, "one.test")
                .service(SERVICE, 30, 0, 0, 81, "one.test")
                .service(SERVICE, 30, 0, 7, 80, "none.test")
                .service(SERVICE, 30, 0, 7, 80, "gone.test");
        String all = "_y._tcp.app.test";
        dns.service(all, 30, 0, 0, 80, "two.test").service(all, 30, 0, 0, 80, "one.test");
        try (LoadBalancer lb = start(transport, DnsDiscovery.srv(SERVICE))) {
            assertThat(weights(lb))
                    .containsExactly("10.0.0.1:80 100", "10.0.0.2:80 100", "10.0.0.3:80 1", "10.0.0.3:81 0");
        }
        try (LoadBalancer lb = start(transport, DnsDiscovery.srv(all))) {
            assertThat(weights(lb)).containsExactly("10.0.0.1:80 50", "10.0.0.2:80 50", "10.0.0.3:80 100");
        }
    }

    private void assertKept(LoadBalancer lb, String why) {
        secondsUntil(() -> discovery(lb).failure() != null);
        assertThat(discovery(lb).failure())
                .isEqualTo(why.replace("NS", "127.0.0.1:" + dns.address().getPort()));
        assertThat(ids(lb)).containsExactly("10.0.0.1:80");
    }

    private void assertBack(LoadBalancer lb, String address) {
        dns.addresses("app.test", 30, address);
        secondsUntil(() -> ids(lb).equals(List.of(address + ":80")));
        assertThat(discovery(lb).failure()).isNull();
        dns.addresses("app.test", 30, "10.0.0.1");
        secondsUntil(() -> ids(lb).equals(List.of("10.0.0.1:80")));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void whatIsNoAnswerLeavesTheServersThatThereAre(String transport) {
        dns.addresses("app.test", 30, "10.0.0.1");
        DnsDiscovery discovery = DnsDiscovery.addresses("app.test", 80).timeout(SHORT);
        try (LoadBalancer lb = start(transport, discovery)) {
            dns.addresses("app.test", 30);
            assertKept(lb, "A app.test: NoError(0) from NS; AAAA app.test: NoError(0) from NS, no address");
            assertBack(lb, "10.0.0.2");
            dns.forget("app.test");
            assertKept(lb, "A app.test: NXDomain(3) from NS; AAAA app.test: NXDomain(3) from NS, no address");
            assertBack(lb, "10.0.0.3");
            dns.failing(DnsServer.SERVER_FAILURE);
            assertKept(lb, "A app.test: ServFail(2) from NS");
            dns.failing(0);
            assertBack(lb, "10.0.0.4");
            dns.malformed("app.test");
            assertKept(lb, "A app.test: malformed answer from NS");
            assertBack(lb, "10.0.0.6");
            dns.silent(true);
            assertKept(lb, "A app.test: no answer within 100 ms from NS");
            dns.silent(false);
            assertBack(lb, "10.0.0.5");
            assertThat(discovery(lb).failures()).isGreaterThanOrEqualTo(5);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void servicesThatAreNotThereAreFailures(String transport) {
        String from = " from 127.0.0.1:" + dns.address().getPort();
        dns.service("_off._tcp.test", 30, 0, 0, 80, ".").service("_gone._tcp.test", 30, 0, 0, 80, "gone.test");
        try (LoadBalancer lb = start(transport, DnsDiscovery.srv("_off._tcp.test"))) {
            assertThat(discovery(lb).failure()).isEqualTo("SRV _off._tcp.test: NoError(0)" + from + ", no service");
        }
        try (LoadBalancer lb = start(transport, DnsDiscovery.srv("_gone._tcp.test"))) {
            assertThat(discovery(lb).failure())
                    .isEqualTo("SRV _gone._tcp.test: NoError(0)" + from + ", no address of gone.test.");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void failuresAreRetriedEverMoreSeldom(String transport) {
        try (LoadBalancer lb = start(transport, DnsDiscovery.addresses("app.test", 80))) {
            assertThat(discovery(lb).failures()).isEqualTo(1);
            for (int pause = 5; pause <= 160; pause *= 2) {
                // It may be planned while the clock moves.
                assertThat(secondsUntilAskedAgain("A app.test")).isGreaterThanOrEqualTo(pause - 2);
            }
            dns.addresses("app.test", 5, "10.0.0.1");
            secondsUntil(() -> ids(lb).equals(List.of("10.0.0.1:80")));
            assertThat(secondsUntilAskedAgain("A app.test")).isLessThan(290);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void whatDoesNotFitIntoADatagramComesByTcp(String transport) {
        String[] many =
                IntStream.rangeClosed(1, 200).mapToObj(i -> "10.0.0." + i).toArray(String[]::new);
        dns.addresses("app.test", 30, many);
        try (LoadBalancer lb = start(transport, DnsDiscovery.addresses("app.test", 80))) {
            assertThat(ids(lb)).hasSize(200);
            assertThat(dns.byTcp()).containsExactly("A app.test");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aPartOfAnAnswerIsNone(String transport) throws Exception {
        String[] many =
                IntStream.rangeClosed(1, 200).mapToObj(i -> "10.0.0." + i).toArray(String[]::new);
        dns.addresses("app.test", 30, many);
        dns.leaveTcp();
        try (LoadBalancer lb = start(transport, DnsDiscovery.addresses("app.test", 80))) {
            assertThat(discovery(lb).failure()).contains("truncated answer");
            assertThat(ids(lb)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theNextNameServerIsAskedWhenOneIsSilentOrFails(boolean silent) {
        try (DnsServer first = new DnsServer()) {
            first.silent(silent);
            first.failing(DnsServer.SERVER_FAILURE);
            dns.addresses("app.test", 30, "10.0.0.1");
            DnsDiscovery discovery =
                    DnsDiscovery.addresses("app.test", 80).timeout(SHORT).nameServers(first.address(), dns.address());
            try (LoadBalancer lb = clock.start("nio", config(discovery))) {
                assertThat(ids(lb)).containsExactly("10.0.0.1:80");
                assertThat(first.asked("A app.test")).isEqualTo(1);
            }
        }
    }

    /** On all transports beside each other, as a start waits for two seconds of everybody's clock. */
    @Test
    void closingEndsALookUpThatIsUnderWay() {
        dns.silent(true);
        DnsDiscovery patient = DnsDiscovery.addresses("app.test", 80).timeout(Duration.ofSeconds(30));
        List<CompletableFuture<LoadBalancer>> starting = Balancers.transports()
                .map(transport -> CompletableFuture.supplyAsync(() -> start(transport, patient)))
                .toList();
        try {
            for (CompletableFuture<LoadBalancer> started : starting) {
                assertThat(ids(started.join())).isEmpty();
            }
            assertThat(dns.asked("A app.test")).isEqualTo(starting.size());
        } finally {
            starting.forEach(started -> started.join().close());
        }
        assertThat(Balancers.threads("test")).isEmpty();
    }

    private long askedFor(int names) {
        return IntStream.range(0, names)
                .filter(i -> dns.asked("A app" + i + ".test") > 0)
                .count();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void silentNameServersLeaveThreadsToChecks(NettyEngine engine) {
        int lookUps = 6;
        dns.silent(true);
        AtomicReference<Verdict> verdict = new AtomicReference<>(Verdict.failed("not yet"));
        HealthChecker blocking = probe -> CompletableFuture.supplyAsync(verdict::get, probe.blocking());
        HealthCheck check = HealthCheck.custom(blocking).interval(Duration.ofMillis(100));
        String server = "127.0.0.1:1";
        try (LoadBalancer lb =
                Balancers.tcp(engine, Balancers.checked(check, server)).start()) {
            await().until(() -> Balancers.server(lb, server).state() == ServerState.DOWN);
            lb.update(c -> {
                for (int i = 0; i < lookUps; i++) {
                    DnsDiscovery patient = DnsDiscovery.addresses("app" + i + ".test", 80)
                            .nameServers(dns.address())
                            .timeout(Duration.ofSeconds(30));
                    c.serverGroup("g" + i, g -> g.discovery(patient));
                }
            });
            await().until(() -> askedFor(lookUps) >= 2);
            verdict.set(Verdict.ok());
            await().until(() -> Balancers.server(lb, server).state() == ServerState.UP);
            assertThat(askedFor(lookUps)).isEqualTo(2);
            lb.update(c -> IntStream.range(0, lookUps)
                    .filter(i -> dns.asked("A app" + i + ".test") > 0)
                    .forEach(i -> c.removeServerGroup("g" + i)));
            await().until(() -> askedFor(lookUps) == 4);
            dns.silent(false);
            assertThat(Balancers.server(lb, server).state()).isEqualTo(ServerState.UP);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void anUpdateThatRemovesItEndsIt(String transport) {
        dns.addresses("app.test", 5, "10.0.0.1");
        try (LoadBalancer lb = start(transport, DnsDiscovery.addresses("app.test", 80))) {
            assertThat(ids(lb)).containsExactly("10.0.0.1:80");
            lb.update(c -> c.serverGroup("servers", g -> g.removeDiscovery()));
            assertThat(ids(lb)).isEmpty();
            int asked = dns.asked("A app.test");
            clock.advance(Duration.ofMinutes(10));
            lb.update(c -> {});
            assertThat(dns.asked("A app.test")).isEqualTo(asked);
        }
    }

    @Test
    void isFoundByName() {
        assertThat(Extensions.discovery("dns", "app.example.com:8080"))
                .isEqualTo(DnsDiscovery.addresses("app.example.com", 8080))
                .hasToString("dns app.example.com:8080");
        assertThat(Extensions.discovery("dns", "app.example.com"))
                .isEqualTo(DnsDiscovery.addresses("app.example.com"))
                .isNotEqualTo(DnsDiscovery.srv("app.example.com"));
        assertThat(Extensions.discovery("dns", "srv:_http._tcp.example.com"))
                .isEqualTo(DnsDiscovery.srv("_http._tcp.example.com"))
                .hasToString("dns srv:_http._tcp.example.com");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extensions.discovery("dns", "app.example.com:http"))
                .withMessage("target: app.example.com:http (expected: name:port, name, or srv:name)");
    }

    @Test
    void theSystemsNameServersAreAskedUnlessOthersAreSet() throws Exception {
        try (DnsQueries queries = new DnsQueries(List.of(), "app.test", SHORT, NioDatagramChannel::new, () -> false)) {
            assertThat(queries.servers()).isNotEmpty();
        }
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    @Test
    @SuppressWarnings(
            "NullAway") // without a factory, building the resolver throws; one that throws has its closing throw
    void aLookUpThatGetsNoSocketLeavesNoDescriptorOpen() throws Exception {
        long before = openDescriptors();
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> lookUp(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> lookUp(() -> {
                        throw new ChannelException("Too many open files");
                    }))
                    .isNotInstanceOf(NullPointerException.class);
        }
        assertThat(openDescriptors()).isLessThan(before + 50);
    }

    private static void lookUp(ChannelFactory<? extends DatagramChannel> sockets) throws DnsQueries.FailedException {
        InetSocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        try (DnsQueries queries = new DnsQueries(List.of(nobody), "app.test", SHORT, sockets, () -> false)) {
            queries.addresses("app.test", 80);
        }
    }

    @Test
    void refusesSettingsOutOfRange() {
        for (String name : List.of("", ".", "a..b", "10.0.0.1", "a b", "x".repeat(64), "x.".repeat(127))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DnsDiscovery.addresses(name, 80))
                    .withMessage("name: " + name
                            + " (expected: a DNS name such as app.example.com, of at most 253 characters)");
        }
        DnsDiscovery sound = DnsDiscovery.addresses("app.example.com.", 65_535);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DnsDiscovery.addresses("a", 0))
                .withMessage("port: 0 (expected: 1 to 65,535)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sound.ttl(Duration.ofSeconds(4), Duration.ofSeconds(5)))
                .withMessage("minTtl: PT4S (expected: 5 s to 300 s)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sound.ttl(Duration.ofSeconds(10), Duration.ofSeconds(9)))
                .withMessage("maxTtl: PT9S (expected: minTtl to 300 s)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sound.timeout(Duration.ofMillis(99)))
                .withMessage("timeout: PT0.099S (expected: 100 ms to 30 s)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sound.nameServers(InetSocketAddress.createUnresolved("ns.test", 53)))
                .withMessageStartingWith("nameServers: ns.test");
    }
}
