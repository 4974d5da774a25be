package io.clb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.list;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.clb.schedule.QuicConnectionId;
import io.clb.schedule.Schedulers;
import io.clb.spi.FlowKind;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.TrafficObserver;
import io.clb.stick.InsertCookie;
import io.clb.stick.RewriteCookie;
import io.clb.stick.Stickiness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.AbstractListAssert;
import org.assertj.core.api.ObjectAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a configuration refuses. */
class ConfigMistakesTest {

    private static Config.Builder sound() {
        return LoadBalancer.builder()
                .serverGroup("web", g -> g.server("10.0.0.1:80"))
                .listener("front", l -> l.tcp(8080).forwardTo("web"));
    }

    @Test
    void reportsTenMistakesAtOnceEachWithPlaceFieldValueAndExpectation() {
        mistakes(LoadBalancer.builder()
                        .name(" ")
                        .serverGroup(
                                "web",
                                g -> g.server("10.0.0.1:0")
                                        .server("10.0.0.2:80", s -> s.weight(101))
                                        .healthCheck(HealthCheck.http("healthz").interval(Duration.ofMillis(50))))
                        .listener(
                                "front",
                                l -> l.tcp(8080)
                                        .idleTimeout(Duration.ofSeconds(1))
                                        .bind("localhost")
                                        .forwardTo("nowhere")
                                        .sticky(Stickiness.sourceIp(Duration.ofHours(2))))
                        .listener("back", l -> l.forwardTo("web")))
                .containsExactly(
                        "balancer: name:   (expected: 1 to 80 characters, no control characters, not only blanks)",
                        "serverGroup web: server: 10.0.0.1:0"
                                + " (expected: host:port with a port of 1 to 65535, or host for the port that the client reached; an IPv6 literal in brackets)",
                        "serverGroup web: server 10.0.0.2:80: weight: 101 (expected: 0 to 100)",
                        "serverGroup web: healthCheck: interval: PT0.05S (expected: 100 ms to 50 s)",
                        "serverGroup web: healthCheck: path: healthz"
                                + " (expected: 1 to 512 visible ASCII characters starting with /)",
                        "listener front: idleTimeout: PT1S (expected: 10 s to 900 s)",
                        "listener front: bind: localhost (expected: an IPv4 or IPv6 literal without brackets)",
                        "listener front: forwardTo: nowhere (expected: one of the server groups [web])",
                        "listener front: sticky: idle: PT2H (expected: 1 s to 3600 s)",
                        "listener back: port: not set (expected: tcp(port), udp(port), http(port) or https(port, tls) with a port of 0 to 65,535)");
    }

    @Test
    void refusesASchedulerThatTheProtocolCannotUse() {
        SchedulerFactory forConnections = new SchedulerFactory() {
            @Override
            public String name() {
                return "mine";
            }

            @Override
            public boolean serves(FlowKind kind) {
                return kind == FlowKind.CONNECTION;
            }

            @Override
            public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
                throw new AssertionError("nothing is built of what is refused");
            }
        };
        mistakes(LoadBalancer.builder()
                        .serverGroup("tcp", g -> g.server("10.0.0.1:80").scheduler(forConnections))
                        .serverGroup("web", g -> g.server("10.0.0.1:80"))
                        .listener("own", l -> l.http(8001).forwardTo("web").scheduler(forConnections))
                        .listener("group", l -> l.http(8002).forwardTo("tcp"))
                        .listener(
                                "rule",
                                l -> l.http(8003)
                                        .forwardTo("web")
                                        .rule("r", r -> r.host("a.test").forwardTo("tcp")))
                        .listener("sound", l -> l.tcp(8004).forwardTo("tcp"))
                        .listener(
                                "overridden", l -> l.http(8005).forwardTo("tcp").scheduler(Schedulers.roundRobin())))
                .containsExactly(
                        "listener own: scheduler: mine (expected: one that can be used for HTTP)",
                        "listener group: serverGroup tcp: scheduler: mine (expected: one that can be used for HTTP)",
                        "listener rule: rule r: serverGroup tcp: scheduler: mine (expected: one that can be used for HTTP)");
    }

    @Test
    void refusesSettingsOfSchedulersOutOfRange() {
        mistakes(LoadBalancer.builder()
                        .serverGroup(
                                "web",
                                g -> g.server("10.0.0.1:80")
                                        .scheduler(Schedulers.sourceHash().slots(65_535)))
                        .serverGroup(
                                "api",
                                g -> g.server("10.0.0.1:80")
                                        .scheduler(Schedulers.peakEwma().decay(Duration.ofMillis(99))))
                        .listener(
                                "front",
                                l -> l.tcp(8080)
                                        .forwardTo("web")
                                        .scheduler(Schedulers.fourTupleHash().slots(1_048_577))))
                .containsExactly(
                        "serverGroup web: scheduler sch: slots: 65535 (expected: 65,536 to 1,048,576)",
                        "serverGroup api: scheduler ewma: decay: PT0.099S (expected: 100 ms to 300 s)",
                        "listener front: scheduler tch: slots: 1048577 (expected: 65,536 to 1,048,576)");
    }

    @Test
    void refusesTheFourTupleOnHttp() {
        mistakes(sound().listener("web", l -> l.http(8081).forwardTo("web").scheduler(Schedulers.fourTupleHash())))
                .containsExactly("listener web: scheduler: tch (expected: one that can be used for HTTP)");
    }

    @Test
    void refusesConnectionIdsOfQuicOnTcpAndHttp() {
        mistakes(sound().listener("front", l -> l.scheduler(Schedulers.quicConnectionId()))
                        .serverGroup("web", g -> g.scheduler(Schedulers.quicConnectionId()))
                        .listener("web", l -> l.http(8081).forwardTo("web"))
                        .listener("quic", l -> l.udp(8081).forwardTo("web")))
                .containsExactly(
                        "listener front: scheduler: qch (expected: one that can be used for TCP)",
                        "listener web: serverGroup web: scheduler: qch (expected: one that can be used for HTTP)");
    }

    @Test
    void refusesNumbersThatDoNotFitIntoConnectionIdsAndServersWithoutOneOfTheirOwn() {
        QuicConnectionId quic = Schedulers.quicConnectionId();
        for (QuicConnectionId wrong : List.of(
                quic.serverNumberAt(0, 0),
                quic.serverNumberAt(-1, 1),
                quic.serverNumberAt(0, 5),
                quic.serverNumberAt(17, 4),
                quic.serverNumberAt(20, 1))) {
            mistakes(sound().listener("quic", l -> l.udp(1).forwardTo("web").scheduler(wrong)))
                    .containsExactly(
                            "listener quic: scheduler qch: serverNumberAt: " + wrong.serverNumberOffset() + ", "
                                    + wrong.serverNumberBytes()
                                    + " (expected: an offset of 0 to 19 and 1 to 4 bytes, all of them within the 20 bytes of a connection id)");
        }
        Config.Builder numbered = LoadBalancer.builder()
                .serverGroup(
                        "h3",
                        g -> g.server("10.0.0.1:443", s -> s.tag("quic-number", "255"))
                                .server("10.0.0.2:443", s -> s.tag("quic-number", "256"))
                                .server("10.0.0.3:443", s -> s.tag("quic-number", "0255"))
                                .server("10.0.0.4:443")
                                .scheduler(quic.serverNumberAt(1, 1)))
                .listener("quic", l -> l.udp(443).forwardTo("h3"));
        mistakes(numbered)
                .containsExactly(
                        "serverGroup h3: server 10.0.0.2:443: tag quic-number: 256 (expected: the number that it writes into connection ids: 0 to 255)",
                        "serverGroup h3: server 10.0.0.3:443: tag quic-number: 0255 (expected: another number than server 10.0.0.1:443)",
                        "serverGroup h3: server 10.0.0.4:443: tag quic-number: not set (expected: the number that it writes into connection ids: 0 to 255)");
        mistakes(sound().listener("quic", l -> l.udp(1).forwardTo("web").scheduler(quic.serverNumberAt(16, 4))))
                .containsExactly(
                        "listener quic: serverGroup web: server 10.0.0.1:80: tag quic-number: not set (expected: the number that it writes into connection ids: 0 to 4,294,967,295)");
    }

    @Test
    void putsAllMistakesIntoTheMessage() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(sound().listener("front", l -> l.connectTries(0).backlog(0))::build)
                .withMessage("""
                        listener front: backlog: 0 (expected: 1 to 1,000,000)
                        listener front: connectTries: 0 (expected: 1 to 10)""");
    }

    @Test
    void refusesToRemoveOrDrainWhatIsNotThere() {
        mistakes(sound().removeServerGroup("a")
                        .removeListener("b")
                        .removeObserver(new TrafficObserver() {
                            @Override
                            public String toString() {
                                return "c";
                            }
                        })
                        .serverGroup(
                                "web",
                                g -> g.removeServer("10.0.0.2:80")
                                        .drain("10.0.0.3:80")
                                        .undrain("10.0.0.4:80")
                                        .maintenance("10.0.0.5:80", true)))
                .containsExactly(
                        "balancer: removeServerGroup: a (expected: one of [web])",
                        "balancer: removeListener: b (expected: one of [front])",
                        "balancer: removeObserver: c (expected: an observer that was added)",
                        "serverGroup web: server: 10.0.0.2:80 (expected: one of [10.0.0.1:80])",
                        "serverGroup web: server: 10.0.0.3:80 (expected: one of [10.0.0.1:80])",
                        "serverGroup web: server: 10.0.0.4:80 (expected: one of [10.0.0.1:80])",
                        "serverGroup web: server: 10.0.0.5:80 (expected: one of [10.0.0.1:80])");
    }

    @Test
    void letsUdpHaveAPortThatTcpHasToo() {
        Config.Builder both = sound().listener("dns", l -> l.udp(8080).forwardTo("web"));
        assertThat(both.build().listeners()).hasSize(2);
        mistakes(both.listener("copy", l -> l.udp(8080).forwardTo("web")))
                .containsExactly("listener copy: port: 8080"
                        + " (expected: a port that listener dns does not use on the same address)");
    }

    @Test
    void refusesToRemoveAGroupThatAListenerStillForwardsTo() {
        mistakes(sound().removeServerGroup("web"))
                .containsExactly("listener front: forwardTo: web (expected: one of the server groups [])");
    }

    @Test
    void refusesTwoListenersOnOnePortAndAddress() {
        mistakes(sound().listener("copy", l -> l.tcp(8080).forwardTo("web")))
                .containsExactly("listener copy: port: 8080"
                        + " (expected: a port that listener front does not use on the same address)");
        mistakes(sound().listener("front", l -> l.bind("10.0.0.1", "10.0.0.2"))
                        .listener(
                                "copy",
                                l -> l.tcp(8080).bind("10.0.0.3", "10.0.0.2").forwardTo("web")))
                .hasSize(1);
    }

    @Test
    void refusesAListenerThatForwardsNowhere() {
        mistakes(LoadBalancer.builder().listener("front", l -> l.tcp(80)))
                .containsExactly("listener front: forwardTo: not set (expected: one of the server groups [])");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "[::1]", "::1%lo", "10.0.0", "10.0.0.1:80", "1.2.3.4::", "*"})
    void bindsToNothingElse(String text) {
        mistakes(sound().listener("front", l -> l.bind(text)))
                .containsExactly(
                        "listener front: bind: " + text + " (expected: an IPv4 or IPv6 literal without brackets)");
    }

    @Test
    void bindsToEachAddressOnce() {
        mistakes(sound().listener("front", l -> l.bind("::1", "10.0.0.1", "::1")))
                .contains("listener front: bind: ::1 (expected: each address once)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t", "a\nb", "a\u0000"})
    void refusesNamesThatDoNotShowInALog(String name) {
        mistakes(sound().name(name)).hasSize(1);
        mistakes(sound().serverGroup(name, g -> {})).hasSize(1);
        mistakes(sound().listener(name, l -> l.tcp(1).forwardTo("web"))).hasSize(1);
    }

    @Test
    void refusesStickinessForPartsOfSeconds() {
        mistakes(sound().listener("front", l -> l.sticky(Stickiness.sourceIp(Duration.ofMillis(1_500)))))
                .containsExactly("listener front: sticky: idle: PT1.5S (expected: whole seconds)");
    }

    @Test
    void refusesASlowStartThatIsTooShortOrTooLong() {
        mistakes(sound().serverGroup("web", g -> g.slowStart(Duration.ofSeconds(29)))
                        .serverGroup("api", g -> g.slowStart(Duration.ofMinutes(16))))
                .containsExactly(
                        "serverGroup web: slowStart: PT29S (expected: 0 s (off), or 30 s to 900 s)",
                        "serverGroup api: slowStart: PT16M (expected: 0 s (off), or 30 s to 900 s)");
    }

    @Test
    void refusesEjectionsOutOfRangeAndALongestTimeThatIsShorterThanTheFirst() {
        mistakes(sound().serverGroup("web", g -> g.ejection(Ejection.after(0).maxPercent(101)))
                        .serverGroup("api", g -> g.ejection(Ejection.after(5).maxTime(Duration.ofSeconds(29)))))
                .containsExactly(
                        "serverGroup web: ejection: failures: 0 (expected: 1 to 1,000)",
                        "serverGroup web: ejection: maxPercent: 101 (expected: 1 to 100)",
                        "serverGroup api: ejection: maxTime: PT29S (expected: not shorter than time, 30 s)");
    }

    @Test
    void refusesGzipOfWhatIsNoTypeOutOfRangeOrNotHttp() {
        mistakes(sound().listener(
                                "front",
                                l -> l.http(80)
                                        .gzip(Gzip.on()
                                                .types("Text/html", "text", "text/css", "text/css")
                                                .level(10)))
                        .listener(
                                "back",
                                l -> l.tcp(81).forwardTo("web").gzip(Gzip.on().types())))
                .containsExactly(
                        "listener front: gzip: level: 10 (expected: 1 to 9)",
                        "listener front: gzip: types: Text/html"
                                + " (expected: a media type in lower case and without parameters, such as text/html)",
                        "listener front: gzip: types: text"
                                + " (expected: a media type in lower case and without parameters, such as text/html)",
                        "listener front: gzip: types: [Text/html, text, text/css, text/css] (expected: each type once)",
                        "listener back: gzip: types: none (expected: one media type at least, such as text/html)",
                        "listener back: gzip: gzip of [] (expected: not set: it is for [HTTP] listeners, this one is TCP)");
    }

    @Test
    void refusesFiltersThatAreNoneOrOutOfRangeOrOnUdp() {
        RequestFilters some = RequestFilters.of((request, ruling) -> ruling.pass());
        mistakes(sound().requestFilters(RequestFilters.of())
                        .listener(
                                "front",
                                l -> l.requestFilters(some.maxHeld(1_023).timeout(Duration.ofMinutes(2))))
                        .listener("back", l -> l.udp(53).forwardTo("web").requestFilters(some)))
                .containsExactly(
                        "listener front: requestFilters: maxHeld: 1023 (expected: 1,024 to 1,048,576)",
                        "listener front: requestFilters: timeout: PT2M (expected: 100 ms to 60 s)",
                        "listener back: requestFilters: " + some
                                + " (expected: not set: filters are for [TCP, HTTP] listeners, this one is UDP)",
                        "balancer: requestFilters: filters: none (expected: one at least)");
    }

    @Test
    void refusesProxiesThatAreNoAddressesAndHeadersThatDoNotFit() {
        mistakes(sound().listener(
                                "front",
                                l -> l.proxyProtocolIn(ProxyProtocol.required("10.0.0.1/8", "proxy")
                                        .timeout(Duration.ofMinutes(2))))
                        .listener(
                                "back",
                                l -> l.udp(53)
                                        .forwardTo("web")
                                        .proxyProtocolIn(ProxyProtocol.optional())
                                        .proxyProtocolOut(ProxyProtocol.Version.V1)))
                .containsExactly(
                        "listener front: proxyProtocolIn: timeout: PT2M (expected: 1 s to 60 s)",
                        "listener front: proxyProtocolIn: trusted: 10.0.0.1/8"
                                + " (expected: no bits beyond the prefix: 10.0.0.0/8)",
                        "listener front: proxyProtocolIn: trusted: proxy"
                                + " (expected: an address, or one and the length of a prefix,"
                                + " such as 10.0.0.0/8 or 2001:db8::/32)",
                        "listener back: proxyProtocolIn: trusted: none"
                                + " (expected: addresses of proxies whose headers are believed, one at least)",
                        "listener back: proxyProtocolOut: V1 (expected: V2, as V1 is for TCP only)");
    }

    @Test
    void refusesLimitsThatAreOutOfRangeOrDoNotFitTheListener() {
        mistakes(sound().cluster(Cluster.fixed(0, 10_001))
                        .listener(
                                "front",
                                l -> l.limit(Limit.cps(0))
                                        .limit(Limit.qps(1_000))
                                        .connectTries(0))
                        .listener("back", l -> l.http(80).forwardTo("web").limit(Limit.qps(1_000_000_001))))
                .containsExactly(
                        "cluster: l4: 0 (expected: 1 to 10,000)",
                        "cluster: l7: 10001 (expected: 1 to 10,000)",
                        "listener front: connectTries: 0 (expected: 1 to 10)",
                        "listener front: limit qps: 1000"
                                + " (expected: not set: it is a limit of HTTP listeners, this one is TCP)",
                        "listener front: limit cps: 0 (expected: 1 to 1,000,000,000)",
                        "listener back: limit qps: 1000000001 (expected: 1 to 1,000,000,000)");
    }

    @Test
    void refusesToRemoveALimitThatIsNotThere() {
        mistakes(sound().listener("front", l -> l.limit(Limit.cps(1)).removeLimit(Limit.Kind.QPS)))
                .containsExactly("listener front: removeLimit: qps (expected: one of [cps])");
    }

    @Test
    void refusesCookiesForPartsOfSecondsUnderBadNamesAndByBadKeysAllAtOnceAndShowsNoKey() {
        mistakes(sound().listener(
                                "front",
                                l -> l.http(8080)
                                        .sticky(Stickiness.insertCookie(Duration.ofMillis(1_500))
                                                .cookieName("a b")
                                                .stickyKeys(List.of(new byte[15], new byte[16], new byte[65])))))
                .containsExactly(
                        "listener front: sticky: maxAge: PT1.5S (expected: whole seconds)",
                        "listener front: sticky: cookieName: a b"
                                + " (expected: 1 to 200 letters, digits and !#$%&'*+-.^_`|~, the first of them not $)",
                        "listener front: sticky: stickyKeys: a key of 15 bytes (expected: 16 to 64 bytes)",
                        "listener front: sticky: stickyKeys: a key of 65 bytes (expected: 16 to 64 bytes)");
    }

    @Test
    void takesOneToSixteenStickyKeys() {
        mistakes(cookie(sticky().stickyKeys(List.of())))
                .containsExactly("listener front: sticky: stickyKeys: 0 keys (expected: 1 to 16 keys)");
        mistakes(cookie(sticky().stickyKeys(Collections.nCopies(17, new byte[16]))))
                .containsExactly("listener front: sticky: stickyKeys: 17 keys (expected: 1 to 16 keys)");
        cookie(sticky().stickyKeys(Collections.nCopies(16, new byte[64]))).build();
        cookie(sticky().stickyKeys(List.of(new byte[16]))).build();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "$id", "a b", "a;b", "a,b", "a=b", "a\"b", "a\nb", "a\u007f", "\u00e4", "[a]", "a/b"})
    void refusesCookieNamesThatAreNoTokens(String name) {
        mistakes(cookie(sticky().cookieName(name))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "JSESSIONID", "a$", "1.2-3_4", "!#$%&'*+-.^_`|~"})
    void takesTokensAsCookieNames(String name) {
        cookie(sticky().cookieName(name)).build();
    }

    @Test
    void takesCookieNamesOfUpTo200Characters() {
        cookie(sticky().cookieName("a".repeat(200))).build();
        mistakes(cookie(sticky().cookieName("a".repeat(201)))).hasSize(1);
    }

    @Test
    void refusesCookiesOnTcp() {
        mistakes(sound().listener("front", l -> l.sticky(sticky())))
                .containsExactly("listener front: sticky: insertCookie(PT1M, name SERVERID, a random key)"
                        + " (expected: one that does not need HTTP: this listener is TCP)");
    }

    private static InsertCookie sticky() {
        return Stickiness.insertCookie(Duration.ofMinutes(1));
    }

    private static Config.Builder cookie(InsertCookie sticker) {
        return sound().listener("front", l -> l.http(8080).sticky(sticker));
    }

    @Test
    void refusesRewrittenCookiesUnderBadNamesByBadKeysAndThatOnlyOneNodeKnows() {
        RewriteCookie lonely = Stickiness.rewriteCookie("ID");
        mistakes(rewriting(Stickiness.rewriteCookie("$id").stickyKeys(List.of(new byte[15]))))
                .containsExactly(
                        "listener front: sticky: cookieName: $id"
                                + " (expected: 1 to 200 letters, digits and !#$%&'*+-.^_`|~, the first of them not $)",
                        "listener front: sticky: stickyKeys: a key of 15 bytes (expected: 16 to 64 bytes)");
        mistakes(rewriting(lonely).cluster(Cluster.fixed(3)))
                .containsExactly("listener front: sticky: stickyKeys: not set"
                        + " (expected: keys that all 3 nodes of the cluster have)");
        rewriting(lonely.stickyKeys(List.of(new byte[16])))
                .cluster(Cluster.fixed(3))
                .build();
        rewriting(lonely).build();
    }

    private static Config.Builder rewriting(RewriteCookie sticker) {
        return sound().listener("front", l -> l.http(8080).sticky(sticker));
    }

    @Test
    void nodesOfAClusterMustKnowEachOthersCookies() {
        InsertCookie lonely = Stickiness.insertCookie(Duration.ofMinutes(1));
        InsertCookie shared = lonely.stickyKeys(List.of(new byte[16]));
        mistakes(cookie(lonely).cluster(Cluster.fixed(3)))
                .containsExactly("listener front: sticky: stickyKeys: not set"
                        + " (expected: keys that all 3 nodes of the cluster have)");
        cookie(shared).cluster(Cluster.fixed(3)).build();
        cookie(lonely).cluster(Cluster.single()).build();
        cookie(lonely).build();
    }

    @Test
    void takesNamesOfUpTo80Characters() {
        assertThat(sound().name("ä".repeat(80)).build().name()).hasSize(80);
        mistakes(sound().name("a".repeat(81))).hasSize(1);
    }

    @Test
    void takesAsManyServersAsThereAreSlots() {
        Config.Builder builder = sound();
        builder.serverGroup("web", g -> {
            for (int i = 1; i < 65_535; i++) {
                g.server("10.1.0.1:" + i);
            }
        });
        assertThat(onlyGroup(builder.build()).servers()).hasSize(65_535);
        mistakes(builder.serverGroup("one more", g -> g.server("10.0.0.2:80")))
                .containsExactly("balancer: servers: 65536 (expected: at most 65,535 over all server groups)");
    }

    private static ServerGroupConfig onlyGroup(Config config) {
        return config.serverGroups().values().iterator().next();
    }

    @Test
    void refusesPortsThatTwoListenersWouldHave() {
        mistakes(sound().listener(
                                "media", l -> l.tcp(PortRange.of(8_000, 9_000)).forwardTo("web")))
                .containsExactly(
                        "listener media: port: 8080 (expected: a port that listener front does not use on the same address)");
        sound().listener("media", l -> l.udp(PortRange.of(8_000, 9_000)).forwardTo("web"))
                .listener("other", l -> l.udp(PortRange.of(9_001, 65_535)).forwardTo("web"))
                .build();
    }

    @Test
    void refusesWhatIsNoAddressToConnectFrom() {
        mistakes(sound().listener("front", l -> l.upstreamSources("10.0.0.7", "here", "::1", "0:0:0:0:0:0:0:1")))
                .containsExactly(
                        "listener front: upstreamSources: here (expected: an IPv4 or IPv6 literal without brackets)",
                        "listener front: upstreamSources: ::1 (expected: each address once)");
    }

    @Test
    void refusesProxiesThatAreNoAddressesAndOnOtherListenersThanHttp() {
        mistakes(sound().listener("front", l -> l.http(8080).trustedProxies("10.0.0.0/8", "proxy", "10.0.0.1/8")))
                .containsExactly(
                        "listener front: trustedProxies: proxy"
                                + " (expected: an address, or one and the length of a prefix, such as 10.0.0.0/8 or 2001:db8::/32)",
                        "listener front: trustedProxies: 10.0.0.1/8"
                                + " (expected: no bits beyond the prefix: 10.0.0.0/8)");
        mistakes(sound().listener("front", l -> l.trustedProxies("::1")))
                .containsExactly("listener front: trustedProxies: [::1]"
                        + " (expected: not set: it is an option of [HTTP] listeners, this one is TCP)");
    }

    @Test
    void needsAGroupOrRulesUnlessItRedirects() {
        Config.Builder plain = LoadBalancer.builder().listener("plain", l -> l.http(8080));
        mistakes(plain)
                .containsExactly(
                        "listener plain: forwardTo: not set (expected: one of the server groups [], or rules, or redirectToHttps)");
        assertThat(plain.listener("plain", l -> l.redirectToHttps(8443))
                        .build()
                        .listeners()
                        .get("plain"))
                .hasToString("listener plain HTTP 8080 -> https on port 8443");
        mistakes(plain.listener("plain", l -> l.tcp(8080)))
                .containsExactly(
                        "listener plain: redirectToHttps: 8443"
                                + " (expected: not set: it is an option of [HTTP] listeners, this one is TCP)",
                        "listener plain: forwardTo: not set (expected: one of the server groups [])");
    }

    @Test
    void refusesWhatIsNoRangeOfPorts() {
        for (PortRange wrong : List.of(PortRange.of(0, 5), PortRange.of(7, 7), PortRange.of(9, 8))) {
            mistakes(sound().listener("front", l -> l.udp(wrong)))
                    .contains("listener front: port: " + wrong
                            + " (expected: two ports of 1 to 65535, the smaller one first)");
        }
        mistakes(sound().listener("front", l -> l.tcp(PortRange.of(65_000, 65_536))))
                .containsExactly(
                        "listener front: port: 65000-65536 (expected: two ports of 1 to 65535, the smaller one first)");
    }

    @Test
    void refusesTlsThatCannotBeSpoken() {
        TlsCertificate any = TlsCertificate.pem(Path.of("chain.pem"), Path.of("key.pem"));
        TlsConfig wrong = TlsConfig.of()
                .certificate("a b", any)
                .certificate("*.*.test", any)
                .certificate("none.test")
                .handshakeTimeout(Duration.ofSeconds(61))
                .policy(TlsPolicy.custom(List.of("SSLv3"), List.of("RC4-SHA")));
        mistakes(sound().listener("front", l -> l.https(443, wrong)))
                .containsExactly(
                        "listener front: tls: handshakeTimeout: PT1M1S (expected: 1 s to 60 s)",
                        "listener front: tls: policy: SSLv3 (expected: versions of [TLSv1, TLSv1.1, TLSv1.2, TLSv1.3])",
                        "listener front: tls: policy: RC4-SHA (expected: a cipher suite as OpenSSL or IANA names it, of RSA or ECDHE with AES, ChaCha20 or 3DES)",
                        "listener front: tls: certificates: 0 certificates (expected: one, or one of RSA and one of ECDSA)",
                        "listener front: tls: certificate: a b (expected: a host in ASCII, or *. and a domain)",
                        "listener front: tls: certificate: *.*.test (expected: a host in ASCII, or *. and a domain)",
                        "listener front: tls: certificate none.test: 0 certificates (expected: one, or one of RSA and one of ECDSA)");
    }

    @Test
    void refusesMorePortsThanABalancerListensOn() {
        PortRange all = PortRange.of(1, 65_535);
        // With port 8080 of sound() they are as many as there may be.
        sound().listener("media", l -> l.udp(all).bind("::", "0.0.0.0").forwardTo("web"))
                .build();
        mistakes(sound().listener("media", l -> l.udp(all).bind("10.0.0.1").forwardTo("web"))
                        .listener("one more", l -> l.tcp(0).forwardTo("web")))
                .containsExactly(
                        "balancer: ports: 65537 (expected: at most 65,536 over all listeners and their addresses)");
        mistakes(sound().listener(
                                "media",
                                l -> l.udp(PortRange.of(1, 40_000))
                                        .bind("10.0.0.1", "10.0.0.2")
                                        .forwardTo("web")))
                .containsExactly(
                        "balancer: ports: 80001 (expected: at most 65,536 over all listeners and their addresses)");
    }

    @Test
    void refusesServersWithoutAPortWhereItIsNotClearWhichIsMeant() {
        mistakes(sound().serverGroup("web", g -> g.server("10.0.0.2")))
                .containsExactly("serverGroup web: healthCheck port: not set (expected: a port, or HealthCheck.none():"
                        + " server 10.0.0.2 has none of its own)");
        mistakes(sound().serverGroup("web", g -> g.server("10.0.0.2").healthCheck(HealthCheck.none()))
                        .listener("front", l -> l.http(8_080)))
                .containsExactly("listener front: serverGroup web: server: 10.0.0.2 (expected: a server with a port:"
                        + " only TCP and UDP listeners go to the port that the client reached)");
        sound().serverGroup(
                        "web",
                        g -> g.server("10.0.0.2").healthCheck(HealthCheck.tcp().port(22)))
                .build();
    }

    private static AbstractListAssert<?, List<? extends String>, String, ObjectAssert<String>> mistakes(
            Config.Builder builder) {
        return assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(builder::build)
                .asInstanceOf(type(ConfigException.class))
                .extracting(ConfigException::mistakes)
                .asInstanceOf(list(ConfigException.Mistake.class))
                .extracting(ConfigException.Mistake::toString);
    }
}
