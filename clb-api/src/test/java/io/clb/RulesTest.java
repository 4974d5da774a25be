package io.clb;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.list;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.clb.schedule.Schedulers;
import io.clb.stick.Stickiness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.AbstractListAssert;
import org.assertj.core.api.ObjectAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What forwarding rules take, keep and refuse. */
class RulesTest {

    private static final String HOST = " (expected: a name of 1 to 253 letters, digits, - _ and dots, with *. in front"
            + " for all names under it, or an IPv4 literal, or an IPv6 literal in brackets; no port)";
    private static final String PATH =
            " (expected: 1 to 512 visible ASCII characters starting with /, none of them ? or #)";

    private static Config.Builder sound() {
        return LoadBalancer.builder()
                .serverGroup("web", g -> g.server("10.0.0.1:80"))
                .serverGroup("api", g -> g.server("10.0.0.2:80"))
                .listener("front", l -> l.http(8080).forwardTo("web"));
    }

    private static Config.Builder with(Consumer<RuleConfig.Builder> settings) {
        return sound().listener("front", l -> l.rule("r", r -> settings.accept(r.forwardTo("api"))));
    }

    @Test
    void keepsWhatItIsGivenInTheOrderOfAdding() {
        Config config = sound().listener(
                        "front",
                        l -> l.rule(
                                        "one",
                                        r -> r.host("API.example.com")
                                                .path("/V1/")
                                                .priority(7)
                                                .forwardTo("api"))
                                .rule("two", r -> r.host("*.Example.com").forwardTo("web"))
                                .rule("three", r -> r.path("/v1/").forwardTo("api")))
                .build();
        Map<String, RuleConfig> rules = front(config).rules();
        assertThat(rules).containsOnlyKeys("one", "two", "three");
        assertThat(List.copyOf(rules.keySet())).containsExactly("one", "two", "three");
        assertThat(rules.get("one"))
                .isNotNull()
                .returns("one", RuleConfig::name)
                .returns("api.example.com", RuleConfig::host)
                .returns("/V1/", RuleConfig::path)
                .returns(7, RuleConfig::priority)
                .returns(Map.of("api", 100), RuleConfig::serverGroups)
                .hasToString("rule one api.example.com/V1/ -> api");
        assertThat(rules.get("two"))
                .isNotNull()
                .returns("*.example.com", RuleConfig::host)
                .returns("/", RuleConfig::path)
                .returns(10_000, RuleConfig::priority);
        assertThat(rules.get("three"))
                .isNotNull()
                .returns(null, RuleConfig::host)
                .hasToString("rule three /v1/ -> api");
        assertThat(front(config)).hasToString("listener front HTTP 8080 -> rules (3) else web");
    }

    @Test
    void changesARuleThatIsThereAndKeepsTheRestOfIt() {
        Config before = with(r -> r.host("a.test").path("/a").priority(3)).build();
        Config after = before.toBuilder()
                .listener("front", l -> l.rule("r", r -> r.path("/b")))
                .build();
        assertThat(front(after).rules().get("r"))
                .isNotNull()
                .returns("a.test", RuleConfig::host)
                .returns("/b", RuleConfig::path)
                .returns(3, RuleConfig::priority)
                .returns(Map.of("api", 100), RuleConfig::serverGroups);
        assertThat(front(before).rules().get("r")).isNotNull().returns("/a", RuleConfig::path);
    }

    @Test
    void makesEqualRulesFromItsOwnBuilder() {
        Config config = with(r -> r.host("*.test").path("/a").priority(3)).build();
        ListenerConfig copy = front(config.toBuilder().build());
        assertThat(copy).isEqualTo(front(config)).hasSameHashCodeAs(front(config));
        assertThat(copy.rules()).isEqualTo(front(config).rules());
        List<Consumer<RuleConfig.Builder>> changes = List.of(
                r -> r.host("*.other"),
                r -> r.path("/b"),
                r -> r.priority(4),
                r -> r.forwardTo("web"),
                r -> r.forwardTo("api", 99),
                r -> r.forwardTo("web", 0),
                r -> r.scheduler(Schedulers.roundRobin()),
                r -> r.sticky(Stickiness.sourceIp(Duration.ofMinutes(1))),
                RuleConfig.Builder::notSticky,
                r -> r.rewrite(Rewrite.request().path("/b")),
                r -> r.mirrorTo("web"),
                r -> r.mirrorTo("web", 50),
                r -> r.mirrorTo("web").maxMirrored(50),
                r -> r.overLimit(Redirect.to("/later")),
                r -> r.overLimit(FixedResponse.of(429)));
        for (Consumer<RuleConfig.Builder> change : changes) {
            ListenerConfig changed = front(config.toBuilder()
                    .listener("front", l -> l.rule("r", change))
                    .build());
            assertThat(changed).isNotEqualTo(copy);
            assertThat(changed.rules().get("r")).isNotEqualTo(copy.rules().get("r"));
        }
    }

    @Test
    void removesARuleByNameAndRefusesToRemoveWhatIsNotThere() {
        Config config = with(r -> r.path("/a")).build();
        assertThat(front(config.toBuilder()
                                .listener("front", l -> l.removeRule("r"))
                                .build())
                        .rules())
                .isEmpty();
        mistakes(config.toBuilder().listener("front", l -> l.removeRule("s")))
                .containsExactly("listener front: removeRule: s (expected: one of [r])");
    }

    @Test
    void sharesRequestsAmongGroups() {
        RuleConfig shared = requireNonNull(
                front(with(r -> r.path("/a").forwardTo("web", 30)).build())
                        .rules()
                        .get("r"));
        assertThat(shared.serverGroups()).containsExactly(Map.entry("api", 100), Map.entry("web", 30));
        assertThat(shared).hasToString("rule r /a -> {api=100, web=30}");
        assertThat(requireNonNull(front(with(r -> r.path("/a")
                                                .forwardTo("web", 30)
                                                .forwardTo("web"))
                                        .build())
                                .rules()
                                .get("r"))
                        .serverGroups())
                .containsExactly(Map.entry("web", 100));
        mistakes(with(r -> r.path("/a").forwardTo("web", 101).forwardTo("nowhere", -1)))
                .containsExactly(
                        "listener front: rule r: forwardTo web: weight: 101 (expected: 0 to 100)",
                        "listener front: rule r: forwardTo: nowhere (expected: one of the server groups [web, api])",
                        "listener front: rule r: forwardTo nowhere: weight: -1 (expected: 0 to 100)");
        mistakes(with(r -> r.path("/a").forwardTo("web", 0).forwardTo("api", 0)))
                .containsExactly(
                        "listener front: rule r: forwardTo: {api=0, web=0} (expected: a weight above 0 for one of them at least)");
        Config.Builder many = sound();
        for (int i = 0; i < 11; i++) {
            String group = "group" + i;
            many.serverGroup(group, g -> g.server("10.0.0.3:80"))
                    .listener("front", l -> l.rule("r", r -> r.path("/a").forwardTo(group, 1)));
        }
        mistakes(many).containsExactly("listener front: rule r: forwardTo: 11 groups (expected: at most 10)");
    }

    @Test
    void mirrorsToAnotherGroup() {
        Config config =
                with(r -> r.path("/a").mirrorTo("web", 30).maxMirrored(7)).build();
        RuleConfig rule = requireNonNull(front(config).rules().get("r"));
        assertThat(rule)
                .returns("web", RuleConfig::mirrorGroup)
                .returns(30, RuleConfig::mirrorPercent)
                .returns(7, RuleConfig::maxMirrored)
                .hasToString("rule r /a -> api, mirror web");
        assertThat(requireNonNull(front(with(r -> r.path("/a")
                                                .mirrorTo("web", 30)
                                                .maxMirrored(7)
                                                .mirrorTo("web"))
                                        .build())
                                .rules()
                                .get("r"))
                        .mirrorPercent())
                .isEqualTo(100);
        Config without = config.toBuilder()
                .listener("front", l -> l.rule("r", RuleConfig.Builder::noMirror))
                .build();
        assertThat(front(without).rules().get("r"))
                .isNotNull()
                .isEqualTo(front(with(r -> r.path("/a")).build()).rules().get("r"))
                .returns(null, RuleConfig::mirrorGroup);
    }

    @Test
    void refusesMirrorsThatCannotBe() {
        mistakes(with(r -> r.path("/a").mirrorTo("shadow")))
                .containsExactly(
                        "listener front: rule r: mirrorTo: shadow (expected: one of the server groups [web, api])");
        mistakes(with(r -> r.path("/a").mirrorTo("api")))
                .containsExactly(
                        "listener front: rule r: mirrorTo: api (expected: a group that the rule does not forward to)");
        mistakes(with(r -> r.path("/a").mirrorTo("web").redirect(Redirect.to("/b"))))
                .containsExactly(
                        "listener front: rule r: mirrorTo: web (expected: not set: the rule answers by itself)");
        mistakes(with(r -> r.path("/a").mirrorTo("web").respond(FixedResponse.of(204))))
                .containsExactly(
                        "listener front: rule r: mirrorTo: web (expected: not set: the rule answers by itself)");
        mistakes(with(r -> r.path("/a").maxMirrored(5)))
                .containsExactly("listener front: rule r: maxMirrored: 5 (expected: not set, or mirrorTo too)");
        mistakes(with(r -> r.path("/a").mirrorTo("web", 0)))
                .containsExactly("listener front: rule r: mirrorPercent: 0 (expected: 1 to 100)");
    }

    @Test
    void wantsOfTheGroupItMirrorsToWhatItWantsOfOthers() {
        Config.Builder mirroring = with(r -> r.path("/a").mirrorTo("shadow"));
        mistakes(mirroring.serverGroup(
                        "shadow", g -> g.healthCheck(HealthCheck.tcp().port(80)).server("10.0.0.3")))
                .singleElement(type(String.class))
                .asString()
                .startsWith("listener front: serverGroup shadow: server: 10.0.0.3 (expected: a server with a port");
        mistakes(with(r -> r.path("/a").mirrorTo("shadow"))
                        .serverGroup("shadow", g -> g.server("10.0.0.3:80").scheduler(Schedulers.quicConnectionId())))
                .containsExactly(
                        "listener front: rule r: serverGroup shadow: scheduler: qch (expected: one that can be used for HTTP)");
        mistakes(with(r -> r.path("/a").mirrorTo("shadow"))
                        .serverGroup("shadow", g -> g.primary("10.0.0.3:80").secondary("10.0.0.4:80")))
                .containsExactly(
                        "listener front: rule r: mirrorTo: shadow (expected: a group without primary and secondary: those are for TCP and UDP listeners)");
        mistakes(with(r -> r.path("/a").mirrorTo("web"))
                        .listener("front", l -> l.forwardTo("api"))
                        .removeServerGroup("web"))
                .containsExactly("listener front: rule r: mirrorTo: web (expected: one of the server groups [api])");
    }

    @Test
    void refusesStrategiesOfARuleThatDoNotFit() {
        mistakes(with(r -> r.path("/a").scheduler(Schedulers.quicConnectionId())))
                .containsExactly("listener front: rule r: scheduler: qch (expected: one that can be used for HTTP)");
        mistakes(with(r -> r.path("/a").scheduler(Schedulers.queryHash("a=b"))))
                .containsExactly(
                        "listener front: rule r: scheduler uch: query: a=b (expected: a name of 1 to 100 visible ASCII characters other than & = #)");
        mistakes(with(r -> r.path("/a").scheduler(Schedulers.headerHash("X Y"))))
                .containsExactly(
                        "listener front: rule r: scheduler uch: header: x y (expected: a name of 1 to 100 letters, digits and "
                                + Names.TOKEN_MARKS + ")");
        mistakes(with(r -> r.path("/a").scheduler(Schedulers.cookieHash(""))))
                .singleElement(type(String.class))
                .asString()
                .startsWith("listener front: rule r: scheduler uch: cookie:  (expected: a name of 1 to 100 ");
        mistakes(with(r -> r.path("/a").sticky(Stickiness.sourceIp(Duration.ofHours(2)))))
                .containsExactly("listener front: rule r: sticky: idle: PT2H (expected: 1 s to 3600 s)");
        mistakes(with(r -> r.path("/a").sticky(Stickiness.insertCookie(Duration.ofHours(1))))
                        .cluster(Cluster.fixed(3)))
                .containsExactly(
                        "listener front: rule r: sticky: stickyKeys: not set (expected: keys that all 3 nodes of the cluster have)");
        mistakes(with(r -> r.path("/a").overLimit(FixedResponse.of(99))))
                .singleElement(type(String.class))
                .asString()
                .startsWith("listener front: rule r: overLimit: ");
    }

    private static void refuses(Rewrite changes, String... starts) {
        var found = mistakes(with(r -> r.path("/a").rewrite(changes)));
        found.hasSize(starts.length);
        for (String start : starts) {
            found.anySatisfy(mistake -> assertThat(mistake).startsWith("listener front: rule r: " + start));
        }
    }

    @Test
    void refusesChangesOfRequestsThatMakeNoSense() {
        refuses(Rewrite.request(), "rewrite: nothing (expected: a host");
        refuses(Rewrite.request().host("a b"), "rewrite host: a b (expected: a name or literal");
        refuses(Rewrite.request().host("${path}"), "rewrite host: ${path} ");
        refuses(Rewrite.request().path("v2"), "rewrite path: v2 (expected: / or ${path} and more");
        refuses(Rewrite.request().path("/a?b"), "rewrite path: /a?b ");
        refuses(Rewrite.request().path("/${query}"), "rewrite path: /${query} ");
        refuses(Rewrite.request().query("a#"), "rewrite query: a# ");
        refuses(Rewrite.request().query("${client_ip}"), "rewrite query: ${client_ip} ");
        refuses(Rewrite.request().insertHeader("a", "b\r\nc: d"), "insertHeader a: b");
        refuses(Rewrite.request().insertHeader("a", "${b}"), "insertHeader a: ${b} ");
        refuses(Rewrite.request().insertHeader("a b", "c"), "insertHeader: a b (expected: a name of 1 to 100");
        for (String fixed : List.of("Host", "cookie", "Content_Length", "X-Forwarded-For", "SLB-ID", "Upgrade")) {
            refuses(Rewrite.request().insertHeader(fixed, "x"), "insertHeader: " + fixed + " (expected: a field that ");
            refuses(Rewrite.request().removeHeader(fixed), "removeHeader: ");
        }
        refuses(
                Rewrite.request().insertHeader("a", "1").insertHeader("A", "2"),
                "insertHeader: a (expected: one field of a name, in any case)");
        Rewrite many = Rewrite.request();
        for (int i = 0; i < 21; i++) {
            many = many.insertHeader("a" + i, "");
        }
        refuses(many, "insertHeader: 21 fields (expected: at most 20)");
        mistakes(with(r -> r.path("/a")
                        .respond(FixedResponse.of(200))
                        .rewrite(Rewrite.request().path("/b"))))
                .containsExactly(
                        "listener front: rule r: rewrite: path /b (expected: not set: the rule answers by itself)");
    }

    @Test
    void needsNoGroupOfTheListenersOwn() {
        Config config = LoadBalancer.builder()
                .serverGroup("api", g -> {})
                .listener("front", l -> l.http(80).rule("r", r -> r.path("/").forwardTo("api")))
                .build();
        assertThat(front(config))
                .returns(null, ListenerConfig::serverGroup)
                .hasToString("listener front HTTP 80 -> rules (1) else 404");
        assertThat(front(config.toBuilder().build())).isEqualTo(front(config));
        mistakes(config.toBuilder().listener("front", l -> l.removeRule("r")))
                .containsExactly("listener front: forwardTo: not set (expected: one of the server groups [api],"
                        + " or rules, or redirectToHttps)");
    }

    @Test
    void reportsEveryMistakeOfEveryRule() {
        mistakes(sound().listener(
                                "front",
                                l -> l.rule("a", r -> r.host("a:80").path("a").priority(0))
                                        .rule("b", r -> r.forwardTo("nowhere"))
                                        .rule("\n", r -> r.path("/").forwardTo("api"))))
                .containsExactly(
                        "listener front: rule a: host: a:80" + HOST,
                        "listener front: rule a: path: a" + PATH,
                        "listener front: rule a: priority: 0 (expected: 1 to 10,000)",
                        "listener front: rule a: forwardTo: not set"
                                + " (expected: one of the server groups [web, api], or redirect or respond)",
                        "listener front: rule b: host and path: not set"
                                + " (expected: one of them or another condition, or forwardTo of the listener instead)",
                        "listener front: rule b: forwardTo: nowhere (expected: one of the server groups [web, api])",
                        "listener front: rule: name: \n"
                                + " (expected: 1 to 80 characters, no control characters, not only blanks)");
    }

    @Test
    void refusesToRemoveAGroupThatARuleStillForwardsTo() {
        mistakes(with(r -> r.path("/a")).build().toBuilder().removeServerGroup("api"))
                .containsExactly("listener front: rule r: forwardTo: api (expected: one of the server groups [web])");
    }

    @Test
    void refusesRulesOnAListenerThatDoesNotSpeakHttp() {
        mistakes(with(r -> r.path("/a")).listener("front", l -> l.tcp(8080)))
                .containsExactly(
                        "listener front: rule r: protocol: TCP (expected: HTTP: other listeners have no rules)");
    }

    @Test
    void refusesTwoRulesThatCanNeverBeToldApart() {
        mistakes(sound().listener(
                                "front",
                                l -> l.rule("a", r -> r.host("x.test").path("/").forwardTo("api"))
                                        .rule("b", r -> r.host("X.test.").forwardTo("web"))))
                .containsExactly("listener front: rule b: host and path: x.test/"
                        + " (expected: not those of rule a, of the same priority: the two can never be told apart)");
    }

    @Test
    void refusesARuleThatCanNeverMatch() {
        mistakes(sound().listener(
                                "front",
                                l -> l.rule("a", r -> r.path("/v1").priority(20).forwardTo("api"))
                                        .rule(
                                                "b",
                                                r -> r.path("/v1").priority(10).forwardTo("web"))
                                        .rule("c", r -> r.path("/v1/").forwardTo("web"))))
                .containsExactly("listener front: rule a: host and path: /v1"
                        + " (expected: not those of rule b, of priority 10 before 20: this one can never match)");
    }

    @Test
    void takesTheSameRulesOnTwoListeners() {
        Config config = with(r -> r.path("/a"))
                .listener("back", l -> l.http(81).rule("r", r -> r.path("/a").forwardTo("web")))
                .build();
        assertThat(config.listeners().values()).allMatch(l -> l.rules().size() == 1);
    }

    @Test
    void takesTenThousandRules() {
        Config.Builder builder = sound();
        builder.listener("front", l -> {
            for (int i = 0; i < 10_000; i++) {
                String host = "h" + i + ".test";
                l.rule("r" + i, r -> r.host(host).forwardTo("api"));
            }
        });
        assertThat(front(builder.build()).rules()).hasSize(10_000);
        mistakes(builder.listener(
                        "front", l -> l.rule("one more", r -> r.path("/").forwardTo("api"))))
                .containsExactly("listener front: rules: 10001 (expected: at most 10,000)");
    }

    @ParameterizedTest
    @CsvSource({
        "example.com, example.com",
        "EXAMPLE.Com., example.com",
        "*.Example.com, *.example.com",
        "*.com, *.com",
        "localhost, localhost",
        "a_b.x-1.test, a_b.x-1.test",
        "xn--bcher-kva.example, xn--bcher-kva.example",
        "10.0.0.1, 10.0.0.1",
        "[::1], [::1]",
        "[2001:DB8:0:0::1], [2001:db8::1]",
        "[::FFFF:10.0.0.1], [::ffff:10.0.0.1]"
    })
    void takesHosts(String written, String stored) {
        assertThat(front(with(r -> r.host(written)).build()).rules().get("r"))
                .isNotNull()
                .returns(stored, RuleConfig::host);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "*",
                "*.",
                "*.*.com",
                "a.*.com",
                "*a.com",
                "a..b",
                ".a",
                "a..",
                "a b",
                "a/b",
                "a:80",
                "::1",
                "[::1",
                "[10.0.0.1]",
                "[::1]:80",
                "*.[::1]",
                "[*.a]",
                "bücher.example",
                "\u212a.test",
                "1.2.3",
                "a,b"
            })
    void refusesOtherHosts(String text) {
        mistakes(with(r -> r.host(text))).containsExactly("listener front: rule r: host: " + text + HOST);
    }

    @Test
    void takesHostsOfUpTo253Characters() {
        String label = "a".repeat(63) + ".";
        String longest = label.repeat(3) + "a".repeat(61);
        assertThat(front(with(r -> r.host(longest + ".")).build()).rules().get("r"))
                .isNotNull()
                .returns(longest, RuleConfig::host);
        mistakes(with(r -> r.host(longest + "a"))).hasSize(1);
        mistakes(with(r -> r.host("a" + label + "a"))).hasSize(1);
        mistakes(with(r -> r.host("*." + longest))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a", "//", "/a/..", "/.", "/a/..b", "/%25%C3%A4", "/a;b=c", "/*", "/~!$&'()+,:@"})
    void takesPaths(String text) {
        assertThat(front(with(r -> r.path(text)).build()).rules().get("r"))
                .isNotNull()
                .returns(text, RuleConfig::path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "*", " /", "/a b", "/a?b", "/a#b", "/\u00e4", "/\u007f", "/\t"})
    void refusesOtherPaths(String text) {
        mistakes(with(r -> r.path(text))).containsExactly("listener front: rule r: path: " + text + PATH);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a/../b", "/a/./b", "/..;a", "/a\\b", "/%41", "/%39", "/%7E", "/%2D", "/%2E", "/%5F", "/%7a", "/%c3",
                "/%C3%a4", "/%00", "/%", "/%2", "/%G0"
            })
    void refusesPathsThatNoRequestIsComparedWith(String text) {
        mistakes(with(r -> r.path(text)))
                .singleElement()
                .asString()
                .startsWith("listener front: rule r: path: " + text + " (expected: the normal form");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a/..", "/."})
    void refusesDotsAtTheEndOfWholeSegments(String text) {
        mistakes(with(r -> r.path(text, RuleConfig.PathMatch.EXACT))).hasSize(1);
        mistakes(with(r -> r.path(text, RuleConfig.PathMatch.SEGMENTS))).hasSize(1);
    }

    @Test
    void refusesPathsThatTheListenerRefuses() {
        mistakes(with(r -> r.path("/a%2Fb")))
                .containsExactly("listener front: rule r: path: /a%2Fb"
                        + " (expected: no %2F and no %5C, unless the listener has allowEscapedSlashes)");
        Config.Builder allowed = with(r -> r.path("/a%2Fb")).listener("front", l -> l.allowEscapedSlashes(true));
        assertThat(front(allowed.build()).rules()).containsOnlyKeys("r");
        mistakes(with(r -> r.path("/a//b")).listener("front", l -> l.mergeSlashes(true)))
                .containsExactly("listener front: rule r: path: /a//b"
                        + " (expected: no two slashes in a row, as the listener has mergeSlashes)");
    }

    @Test
    void knownHostsWantARuleWithAHost() {
        mistakes(with(r -> r.path("/a")).listener("front", l -> l.knownHostsOnly(true)))
                .containsExactly("listener front: knownHostsOnly: true"
                        + " (expected: false, or a rule with a host: without, no host is known)");
    }

    @Test
    void takesPathsOfUpTo512Characters() {
        String longest = "/".repeat(512);
        assertThat(front(with(r -> r.path(longest)).build()).rules().get("r"))
                .isNotNull()
                .returns(longest, RuleConfig::path);
        mistakes(with(r -> r.path(longest + "/"))).hasSize(1);
    }

    private static ListenerConfig front(Config config) {
        return requireNonNull(config.listeners().get("front"));
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
