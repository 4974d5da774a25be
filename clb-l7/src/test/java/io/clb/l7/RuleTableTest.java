package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.RuleConfig;
import io.clb.contract.Allocation;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rule takes which request, in SPEC's words. */
final class RuleTableTest {

    private static final String BEFORE = "GET http://a.";
    private static final String AFTER = "/v1/users?q HTTP/1.1";

    /** What a rule asks for, and what the table finds. */
    record Rule(@Nullable String host, String path, int priority, RuleConfig.PathMatch match, boolean fits) {

        Rule(@Nullable String host, String path, int priority) {
            this(host, path, priority, RuleConfig.PathMatch.PREFIX, true);
        }

        static Rule of(RuleConfig rule) {
            return new Rule(
                    rule.host(),
                    rule.path(),
                    rule.priority(),
                    rule.pathMatch(),
                    rule.conditions().isEmpty());
        }

        void set(RuleConfig.Builder rule) {
            if (host != null) {
                rule.host(host);
            }
            rule.path(path, match).priority(priority).forwardTo("g");
            if (!fits) {
                rule.method("GET");
            }
        }

        @Override
        public String toString() {
            return (host == null ? "" : host) + path;
        }
    }

    private static Rule rule(@Nullable String host, String path) {
        return new Rule(host, path, 10_000);
    }

    /** Each on a listener of its own, so that even two of the same conditions pass. */
    private static RuleTable<Rule> table(List<Rule> rules) {
        Config.Builder builder = LoadBalancer.builder().serverGroup("g", g -> {});
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            builder.listener("l" + i, l -> l.http(0).rule("r", rule::set));
        }
        return table(builder.build());
    }

    private static RuleTable<Rule> bulk(int size, IntFunction<Rule> rules) {
        return table(LoadBalancer.builder()
                .serverGroup("g", g -> {})
                .listener("l", l -> {
                    l.http(0);
                    for (int i = 0; i < size; i++) {
                        l.rule("r" + i, rules.apply(i)::set);
                    }
                })
                .build());
    }

    private static RuleTable<Rule> table(Config config) {
        return RuleTable.of(
                config.listeners().values().stream()
                        .flatMap(listener -> listener.rules().values().stream())
                        .toList(),
                Rule::of);
    }

    /** Asks as the data path does: both are parts of a larger array, whose other bytes must not matter. */
    private static @Nullable Rule find(RuleTable<Rule> table, String host, String path) {
        byte[] bytes = (BEFORE + host + path + AFTER).getBytes(ISO_8859_1);
        int hostEnd = BEFORE.length() + host.length();
        return table.find(bytes, BEFORE.length(), hostEnd, hostEnd, hostEnd + path.length(), Rule::fits);
    }

    private static String found(RuleTable<Rule> table, String host, String path) {
        Rule rule = find(table, host, path);
        return rule == null ? "nothing" : rule.toString();
    }

    private static RuleTable<Rule> hosts() {
        return table(List.of(
                rule("api.example.com", "/"),
                rule("*.b.example.com", "/"),
                rule("*.example.com", "/"),
                rule("*.com", "/"),
                rule("10.0.0.1", "/"),
                rule("[2001:db8::1]", "/"),
                rule(null, "/")));
    }

    @ParameterizedTest
    @CsvSource({
        // Exact before wildcard, longer before shorter, then the rules without host.
        "api.example.com, api.example.com/",
        "a.b.example.com, *.b.example.com/",
        "b.example.com, *.example.com/",
        "example.com, *.com/",
        "example.org, /",
        // One or more labels, not a part of one, not none.
        "x.y.z.example.com, *.example.com/",
        "x.y.b.example.com, *.b.example.com/",
        "xexample.com, *.com/",
        "xb.example.com, *.example.com/",
        "x.api.example.com, *.example.com/",
        "pi.example.com, *.example.com/",
        "com, /",
        ".com, /",
        ".example.com, *.com/",
        "xcom, /",
        // In any case, with or without the dot at the end.
        "API.Example.COM, api.example.com/",
        "A.B.EXAMPLE.com, *.b.example.com/",
        "api.example.com., api.example.com/",
        "x.example.com., *.example.com/",
        "api.example.com.., /",
        "com., /",
        ".com., /",
        // Literals.
        "10.0.0.1, 10.0.0.1/",
        "110.0.0.1, /",
        "[2001:DB8::1], [2001:db8::1]/",
        "2001:db8::1, /",
        // None, or none that could be one.
        "'', /",
        "., /",
        ".., /",
        "ap\u00ed.example.com, *.example.com/",
        "api.example.co\u00ed, /",
        "@pi.example.com, *.example.com/"
    })
    void decidesByTheHostFirst(String host, String rule) {
        assertThat(found(hosts(), host, "/any")).isEqualTo(rule);
    }

    private static RuleTable<Rule> paths() {
        return table(List.of(
                rule("h", "/"),
                rule("h", "/abc"),
                rule("h", "/abcd"),
                rule("h", "/abc/x/"),
                rule("h", "/B"),
                rule("h", "//")));
    }

    @ParameterizedTest
    @CsvSource({
        // The product's example: the longest, as a string.
        "/abcde, /abcd",
        "/abcd, /abcd",
        "/abc, /abc",
        "/abc/, /abc",
        "/abce, /abc",
        "/abc/x, /abc",
        "/abc/x/, /abc/x/",
        "/abc/x/y, /abc/x/",
        "/ab, /",
        "/x, /",
        "/, /",
        // In the same case, as it stands there.
        "/ABC, /",
        "/b, /",
        "/Bc, /B",
        "//, //",
        "//abc, //",
        "/%61bc, /",
        "/x/../abc, /",
        "/ab\u00e9, /",
        // What is no path of its own is the root.
        "*, /",
        "'', /",
        "abc, /"
    })
    void decidesByTheLongestPathInsideTheHost(String path, String rule) {
        assertThat(found(paths(), "h", path)).isEqualTo("h" + rule);
    }

    @Test
    void doesNotFallBackOnceAHostFits() {
        RuleTable<Rule> table = table(List.of(
                rule("api.example.com", "/v1"),
                rule("*.b.example.com", "/v2"),
                rule("*.example.com", "/v3"),
                rule(null, "/v4"),
                rule(null, "/v1")));
        assertThat(found(table, "api.example.com", "/v1")).isEqualTo("api.example.com/v1");
        assertThat(found(table, "api.example.com", "/v3")).isEqualTo("nothing");
        assertThat(found(table, "api.example.com", "/v4")).isEqualTo("nothing");
        assertThat(found(table, "a.b.example.com", "/v2")).isEqualTo("*.b.example.com/v2");
        assertThat(found(table, "a.b.example.com", "/v3")).isEqualTo("nothing");
        assertThat(found(table, "a.b.example.com", "/v1")).isEqualTo("nothing");
        assertThat(found(table, "other.example.com", "/v4")).isEqualTo("nothing");
        assertThat(found(table, "example.com", "/v4")).isEqualTo("/v4");
        assertThat(found(table, "example.com", "/v3")).isEqualTo("nothing");
        assertThat(found(table, "example.com", "*")).isEqualTo("nothing");
    }

    @Test
    void prefersTheSmallerPriority() {
        RuleTable<Rule> table = table(List.of(
                new Rule("h", "/a", 20), new Rule("h", "/a", 10), new Rule("h", "/a", 30), new Rule("h", "/a/b", 40)));
        assertThat(find(table, "h", "/a")).isEqualTo(new Rule("h", "/a", 10));
        assertThat(find(table, "h", "/a/b")).isEqualTo(new Rule("h", "/a/b", 40));
    }

    @ParameterizedTest
    @CsvSource({
        "/a, EXACT",
        "/a/, SEGMENTS",
        "/a/b, SEGMENTS",
        "/ab, PREFIX",
        "/a%2Fb, PREFIX",
    })
    void ofOnePathTheExactRuleComesFirstThenTheOneOfSegments(String path, RuleConfig.PathMatch match) {
        RuleTable<Rule> table = table(List.of(
                new Rule("h", "/a", 1, RuleConfig.PathMatch.PREFIX, true),
                new Rule("h", "/a", 2, RuleConfig.PathMatch.SEGMENTS, true),
                new Rule("h", "/a", 3, RuleConfig.PathMatch.EXACT, true)));
        assertThat(find(table, "h", path)).extracting(Rule::match).isEqualTo(match);
    }

    @Test
    void whereConditionsDoNotHoldTheNextShorterPathIsAsked() {
        RuleTable<Rule> table = table(List.of(
                new Rule("h", "/", 1, RuleConfig.PathMatch.EXACT, true),
                new Rule("h", "/a", 5),
                new Rule("h", "/ab", 1, RuleConfig.PathMatch.PREFIX, false),
                new Rule("h", "/ab", 2),
                new Rule("h", "/abc", 1, RuleConfig.PathMatch.PREFIX, false)));
        assertThat(find(table, "h", "/abcd")).isEqualTo(new Rule("h", "/ab", 2));
        assertThat(find(table, "h", "/ac")).isEqualTo(new Rule("h", "/a", 5));
        assertThat(find(table, "h", "/b")).isNull();
        assertThat(found(table, "h", "/")).isEqualTo("h/");
    }

    @Test
    void findsNothingWithoutRules() {
        RuleTable<Rule> table = table(List.of());
        assertThat(find(table, "h", "/")).isNull();
        assertThat(find(table, "", "")).isNull();
    }

    @Test
    void findsEachOfTenThousandHosts() {
        RuleTable<Rule> table = bulk(10_000, i -> rule((i % 2 == 0 ? "h" : "*.h") + i / 2 + ".example.com", "/"));
        for (int i = 0; i < 5_000; i++) {
            String host = "h" + i + ".example.com";
            assertThat(found(table, host, "/a")).isEqualTo(host + "/");
            assertThat(found(table, "a.b." + host, "/")).isEqualTo("*." + host + "/");
            assertThat(found(table, "a" + host, "/")).isEqualTo("nothing");
        }
        assertThat(found(table, "h5000.example.com", "/")).isEqualTo("nothing");
    }

    @Test
    void findsEachOfTenThousandPaths() {
        RuleTable<Rule> table = bulk(10_000, i -> rule(i % 2 == 0 ? null : "h", "/" + i + "/"));
        for (int i = 0; i < 10_000; i++) {
            boolean named = i % 2 == 1;
            assertThat(found(table, "h", "/" + i + "/x")).isEqualTo(named ? "h/" + i + "/" : "nothing");
            assertThat(found(table, "other", "/" + i + "/x")).isEqualTo(named ? "nothing" : "/" + i + "/");
            assertThat(found(table, "h", "/" + i)).isEqualTo("nothing");
        }
    }

    /** The deepest tree there is: a node for each byte. */
    @Test
    void takesEveryPrefixOfTheLongestPathAsARule() {
        RuleTable<Rule> table = bulk(512, i -> rule(null, "/" + "a".repeat(i)));
        for (int i = 0; i < 512; i++) {
            String path = "/" + "a".repeat(i);
            assertThat(found(table, "h", path + "b")).isEqualTo(path);
        }
        assertThat(found(table, "h", "/" + "a".repeat(600))).isEqualTo("/" + "a".repeat(511));
    }

    @Test
    void allocatesNothing() {
        RuleTable<Rule> table = hosts();
        byte[] bytes = "A.B.Example.com./v1".getBytes(ISO_8859_1);
        assertThat(Allocation.bytesPerCall(() -> table.find(bytes, 0, 16, 16, 19, rule -> true)))
                .isLessThan(1);
    }

    /** Few letters and short words, so that rules and requests meet. */
    @Property(generation = GenerationMode.RANDOMIZED, edgeCases = EdgeCasesMode.NONE)
    void agreesWithAnOrderlyReadingOfAllRules(
            @ForAll("rules") List<Rule> rules,
            @ForAll("requestHosts") String host,
            @ForAll("requestPaths") String path) {
        assertThat(find(table(rules), host, path)).isEqualTo(byReadingAll(rules, host, path));
    }

    private static @Nullable Rule byReadingAll(List<Rule> rules, String requested, String path) {
        String lower = requested.toLowerCase(Locale.ROOT);
        String host = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        String chosen = rules.stream()
                .map(rule -> rule.host() == null ? "" : rule.host())
                .filter(candidate -> fits(candidate, host))
                .max(Comparator.comparing((String candidate) -> candidate.equals(host))
                        .thenComparing(String::length))
                .orElse("");
        return rules.stream()
                .filter(rule -> chosen.equals(rule.host() == null ? "" : rule.host()))
                .filter(rule -> rule.fits() && takes(rule, path))
                .min(Comparator.comparing((Rule rule) -> -rule.path().length())
                        .thenComparing(Rule::match)
                        .thenComparing(Rule::priority))
                .orElse(null);
    }

    private static boolean takes(Rule rule, String requested) {
        String path = requested.startsWith("/") ? requested : "/";
        return switch (rule.match()) {
            case EXACT -> path.equals(rule.path());
            case SEGMENTS -> path.equals(rule.path()) || path.startsWith(rule.path() + "/");
            case PREFIX -> path.startsWith(rule.path());
        };
    }

    private static boolean fits(String candidate, String host) {
        if (candidate.startsWith("*")) {
            String end = candidate.substring(1);
            return host.endsWith(end) && host.length() > end.length();
        }
        return candidate.isEmpty() || candidate.equals(host);
    }

    /** Behind a slash, segments are a beginning. */
    private static RuleConfig.PathMatch behindSlash(RuleConfig.PathMatch match, String path) {
        boolean both = match == RuleConfig.PathMatch.SEGMENTS && path.endsWith("/");
        return both ? RuleConfig.PathMatch.PREFIX : match;
    }

    @Provide
    Arbitrary<List<Rule>> rules() {
        Arbitrary<String> host = Combinators.combine(Arbitraries.of("", "*."), names())
                .as(String::concat)
                .injectNull(0.2);
        Arbitrary<String> path =
                Arbitraries.strings().withChars('/', 'a', 'b').ofMaxLength(3).map("/"::concat);
        return Combinators.combine(
                        host,
                        path,
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.of(RuleConfig.PathMatch.class),
                        Arbitraries.of(true, true, false))
                .as((h, p, priority, match, fits) -> new Rule(h, p, priority, behindSlash(match, p), fits))
                .list()
                .ofMaxSize(12);
    }

    @Provide
    Arbitrary<String> requestHosts() {
        Arbitrary<String> anyCase = Arbitraries.of("", ".", "a.", "B.", "aB.", "..")
                .flatMap(before -> names().map(name -> before + name))
                .flatMap(name -> Arbitraries.of(name, name.toUpperCase(Locale.ROOT), name + ".", name + ".."));
        return Arbitraries.oneOf(
                names(),
                anyCase,
                Arbitraries.strings().withChars('a', 'b', '.', 'A').ofMaxLength(4));
    }

    @Provide
    Arbitrary<String> requestPaths() {
        return Combinators.combine(
                        Arbitraries.of("/", "/", "/", ""),
                        Arbitraries.strings().withChars('/', 'a', 'b', '*').ofMaxLength(5))
                .as(String::concat);
    }

    private static Arbitrary<String> names() {
        return Arbitraries.of("a", "b", "ab").list().ofMinSize(1).ofMaxSize(3).map(labels -> String.join(".", labels));
    }
}
