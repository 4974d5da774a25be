package io.clb;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What rules ask for besides host and path, and what they do, as configured. */
class RuleConditionsTest {

    private static Config.Builder sound() {
        return LoadBalancer.builder()
                .serverGroup("web", g -> g.server("10.0.0.1:80"))
                .listener("front", l -> l.http(8080).forwardTo("web"));
    }

    private static Config.Builder with(Consumer<RuleConfig.Builder> settings) {
        return sound().listener("front", l -> l.rule("r", settings));
    }

    private static RuleConfig rule(Config config) {
        ListenerConfig front = requireNonNull(config.listeners().get("front"));
        return requireNonNull(front.rules().get("r"));
    }

    private static List<String> mistakes(Config.Builder builder) {
        List<String> found = new ArrayList<>();
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(builder::build)
                .satisfies(e -> e.mistakes().forEach(mistake -> found.add(mistake.toString())));
        return found;
    }

    private static Config.Builder two(Consumer<RuleConfig.Builder> one, Consumer<RuleConfig.Builder> other) {
        return sound().listener(
                        "front",
                        l -> l.rule("one", r -> one.accept(r.path("/x").forwardTo("web")))
                                .rule("other", r -> other.accept(r.path("/x").forwardTo("web"))));
    }

    @Test
    void keepsConditionsAndTheLastOfOneKindAndName() {
        RuleConfig rule = rule(with(r -> r.path("/x", RuleConfig.PathMatch.SEGMENTS)
                        .method("PUT")
                        .method("GET", "HEAD")
                        .header("X-Beta", "1")
                        .query("v", "2*")
                        .cookie("group", "b")
                        .source("10.0.0.0/8", "2001:db8::/32")
                        .forwardTo("web"))
                .build());
        assertThat(rule.conditions())
                .extracting(RuleCondition::toString)
                .containsExactly(
                        "method [GET, HEAD]",
                        "header x-beta 1",
                        "query v 2*",
                        "cookie group b",
                        "source [10.0.0.0/8, 2001:db8::/32]");
        assertThat(rule.pathMatch()).isEqualTo(RuleConfig.PathMatch.SEGMENTS);
        assertThat(rule)
                .hasToString("rule r /x (segments), method [GET, HEAD], header x-beta 1, query v 2*, cookie group b,"
                        + " source [10.0.0.0/8, 2001:db8::/32] -> web");
    }

    @Test
    void copiesChangesAndRemovesThem() {
        Config before =
                with(r -> r.method("GET").header("A", "1").forwardTo("web")).build();
        assertThat(rule(before.toBuilder().build())).isEqualTo(rule(before)).hasSameHashCodeAs(rule(before));
        Config after = before.toBuilder()
                .listener(
                        "front",
                        l -> l.rule(
                                "r",
                                r -> r.removeCondition(RuleCondition.Kind.HEADER, "A")
                                        .removeCondition(RuleCondition.Kind.COOKIE, "none")))
                .build();
        assertThat(rule(after).conditions()).extracting(RuleCondition::kind).containsExactly(RuleCondition.Kind.METHOD);
        assertThat(rule(after)).isNotEqualTo(rule(before));
    }

    @Test
    void behindASlashSegmentsAreABeginning() {
        assertThat(rule(with(r -> r.path("/x/", RuleConfig.PathMatch.SEGMENTS).forwardTo("web"))
                                .build())
                        .pathMatch())
                .isEqualTo(RuleConfig.PathMatch.PREFIX);
    }

    @Test
    void theLastTargetCounts() {
        RuleConfig rule = rule(with(r -> r.path("/x")
                        .forwardTo("nowhere")
                        .respond(FixedResponse.of(200))
                        .redirect(Redirect.to("https://${host}${path}?${query}").status(308)))
                .build());
        assertThat(rule.serverGroups()).isEmpty();
        assertThat(rule.response()).isNull();
        assertThat(rule.redirect()).hasToString("308 https://${host}${path}?${query}");
        assertThat(rule).hasToString("rule r /x -> 308 https://${host}${path}?${query}");
    }

    @Test
    void reportsEveryMistakeOfEveryCondition() {
        assertThat(mistakes(with(r -> r.method("G T")
                        .method()
                        .header("no:token", "a\nb")
                        .query("", "x".repeat(129))
                        .cookie("a=b", "1")
                        .source("10.0.0.1/8")
                        .forwardTo("web"))))
                .containsExactly(
                        "listener front: rule r: method: 0 values (expected: 1 to 100)",
                        "listener front: rule r: header: no:token (expected: a name of 1 to 100 characters)",
                        "listener front: rule r: header no:token: a\nb"
                                + " (expected: up to 128 characters, none of them a control character)",
                        "listener front: rule r: query:  (expected: a name of 1 to 100 characters)",
                        "listener front: rule r: query : " + "x".repeat(129)
                                + " (expected: up to 128 characters, none of them a control character)",
                        "listener front: rule r: cookie: a=b (expected: a name of 1 to 100 characters)",
                        "listener front: rule r: source: 10.0.0.1/8 (expected: no bits beyond the prefix: 10.0.0.0/8)");
        assertThat(mistakes(with(r -> r.method("G T").forwardTo("web"))))
                .containsExactly("listener front: rule r: method: G T (expected: methods such as GET, case as sent)");
        assertThat(mistakes(with(r -> {
                    r.forwardTo("web");
                    for (int i = 0; i <= 10; i++) {
                        r.header("h" + i, "x");
                    }
                })))
                .containsExactly("listener front: rule r: conditions: 11 (expected: at most 10)");
    }

    @Test
    void rulesOfOnePlaceAreToldApartByConditionsThatExcludeEachOther() {
        two(r -> r.method("GET"), r -> r.method("PUT")).build();
        two(r -> r.method("GET").header("a", "1"), r -> r.method("GET").header("a", "2"))
                .build();
        two(r -> r.cookie("a", "1"), r -> r.cookie("b", "1").priority(1)).build();
        two(r -> r.method("GET"), r -> r.path("/x", RuleConfig.PathMatch.EXACT)).build();
        assertThat(mistakes(two(r -> r.method("GET", "PUT"), r -> r.method("PUT", "POST"))))
                .containsExactly("listener front: rule other: conditions: [method [PUT, POST]]"
                        + " (expected: not those of rule one, of the same priority: a request may fit both)");
        assertThat(mistakes(two(r -> r.header("a", "1*"), r -> r.header("a", "12"))))
                .containsExactly("listener front: rule other: conditions: [header a 12]"
                        + " (expected: not those of rule one, of the same priority: a request may fit both)");
        assertThat(mistakes(two(r -> r.source("10.0.0.0/8"), r -> r.source("10.1.0.0/16"))))
                .hasSize(1);
    }

    @Test
    void refusesRulesThatCanNeverMatchBesideMoreGeneralOnes() {
        assertThat(mistakes(two(r -> r.priority(1), r -> r.method("GET"))))
                .containsExactly("listener front: rule other: conditions: [method GET]"
                        + " (expected: not those of rule one, of priority 1 before 10000: this one can never match)");
        assertThat(mistakes(two(
                        r -> r.method("GET", "PUT").priority(1),
                        r -> r.method("GET").cookie("a", "1"))))
                .hasSize(1);
        assertThat(mistakes(two(r -> r.header("a", "*").priority(1), r -> r.header("a", "1"))))
                .hasSize(1);
        assertThat(mistakes(two(r -> r.method("GET"), r -> {})))
                .containsExactly("listener front: rule other: conditions: []"
                        + " (expected: not those of rule one, of the same priority: the two can never be told apart)");
        two(r -> r.method("GET").priority(1), r -> {}).build();
    }

    @Test
    void refusesMoreThanAHundredRulesOfOnePlace() {
        assertThat(mistakes(sound().listener("front", l -> {
                    for (int i = 0; i <= 100; i++) {
                        String value = "v" + i;
                        l.rule(value, r -> r.path("/x").header("a", value).forwardTo("web"));
                    }
                })))
                .containsExactly("listener front: rules: 101 for /x (expected: at most 100 of one host and path)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://${host}${path}?${query}",
                "${protocol}://${host}:${port}${path}",
                "https://www.${host}/",
                "http://[::1]:8080/x",
                "https://example.com",
                "https://example.com?from=${path}",
                "/",
                "/new${path}"
            })
    void takesTargetsOfRedirects(String target) {
        assertThat(rule(with(r -> r.path("/x").redirect(Redirect.to(target))).build())
                        .redirect())
                .isEqualTo(Redirect.to(target));
    }

    /** Where what a client sends could become the host, or end the line. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "//example.com",
                "/${path}",
                "${path}",
                "https://",
                "https://${path}",
                "https://example.com${query}",
                "https://${query}.example.com/",
                "https://user@example.com/",
                "ftp://example.com/",
                "javascript:alert(1)",
                "https://example.com/${unknown}",
                "https://example.com/${path",
                "https://example.com/a b",
                "https://example.com/\r\nX: y"
            })
    void refusesOtherTargets(String target) {
        assertThat(mistakes(with(r -> r.path("/x").redirect(Redirect.to(target)))))
                .containsExactly("listener front: rule r: redirect: " + target + " (expected: "
                        + Redirect.TARGET_EXPECTATION + ")");
    }

    @Test
    void refusesWhatCannotBeAnswered() {
        assertThat(mistakes(with(r -> r.path("/x").redirect(Redirect.to("/y").status(304)))))
                .containsExactly(
                        "listener front: rule r: redirect status: 304 (expected: one of 301, 302, 303, 307, 308)");
        assertThat(mistakes(with(r -> r.path("/x").respond(FixedResponse.of(302).contentType("text")))))
                .containsExactly(
                        "listener front: rule r: respond status: 302 (expected: a status of 2xx, 4xx or 5xx)",
                        "listener front: rule r: respond contentType: text (expected: " + FixedResponse.TYPE_EXPECTATION
                                + ")");
        assertThat(mistakes(with(r -> r.path("/x").respond(FixedResponse.of(204).body("x")))))
                .containsExactly("listener front: rule r: respond body: 1 bytes (expected: "
                        + FixedResponse.BODY_EXPECTATION + ")");
        assertThat(mistakes(with(r -> r.path("/x").respond(FixedResponse.of(200).body("ä".repeat(32_769))))))
                .hasSize(1);
    }

    @Test
    void answersAreEqualIfTheyAreTheSame() {
        FixedResponse one = FixedResponse.of(503).contentType("text/html").body("<p>");
        assertThat(one)
                .isEqualTo(FixedResponse.of(503).contentType("text/html").body("<p>"))
                .hasSameHashCodeAs(
                        FixedResponse.of(503).contentType("text/html").body("<p>"))
                .isNotEqualTo(one.body("<b>"))
                .isNotEqualTo(one.contentType("text/plain"))
                .hasToString("503 text/html, 3 characters");
        assertThat(Redirect.to("/a"))
                .isEqualTo(Redirect.to("/a"))
                .isNotEqualTo(Redirect.to("/a").status(301));
    }
}
