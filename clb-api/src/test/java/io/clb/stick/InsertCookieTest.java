package io.clb.stick;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.Allocation;
import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.contract.FakeHttpFlow;
import io.clb.contract.FakeServer;
import io.clb.spi.Server;
import io.clb.spi.SessionSticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What goes beyond {@link InsertCookieContractTest}: the cookie's form, keys, and what strangers send. */
class InsertCookieTest {

    private static final Duration MAX_AGE = Duration.ofMinutes(30);
    private static final byte[] KEY = bytes(0);
    private static final byte[] NEWER_KEY = bytes(1);
    private static final String DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private final InsertCookie factory = Stickiness.insertCookie(MAX_AGE).stickyKeys(List.of(KEY));
    private final FakeGroup group = FakeGroup.of(server("10.0.0.1"), server("10.0.0.2"), server("10.0.0.3"));
    private final SessionSticker sticker = factory.create(group, null);

    /** Kept where the compiler must write it, so that measured calls are not dropped. */
    private volatile @Nullable Object last;

    @Test
    void needsHttpAndRecallsNothingElsewhere() {
        assertThat(factory.needsHttp()).isTrue();
        assertThat(sticker.recall(new FakeFlow(), 0)).isNull();
    }

    /** Computed by another program: nodes of every version must agree on it. */
    @Test
    void signsGroupAndAddressAsDocumented() {
        FakeGroup web = FakeGroup.of(FakeServer.of("10.0.0.1", 8080, 0), FakeServer.of("2001:db8::1", 8080, 1))
                .withName("web");
        assertThat(value(factory, web, 0)).isEqualTo("1R1Jb9QQATzuU6mfBFlrFQ");
        assertThat(value(factory, web, 1)).isEqualTo("MmWZ7PFfUlWZZ72TCQ5Q8w");
    }

    @Test
    void setsACookieForTheWholeSiteThatScriptsCannotRead() {
        assertThat(sticker.setCookie(new FakeHttpFlow(), group.server(0), 200))
                .isEqualTo("SERVERID=" + value(factory, group, 0) + "; Path=/; HttpOnly; Max-Age=1800");
        assertThat(factory.cookieName("node").create(group, null).setCookie(new FakeHttpFlow(), group.server(0), 200))
                .startsWith("node=");
    }

    @Test
    void setsNoneWhileTheClientHasTheRightOne() {
        FakeHttpFlow client = new FakeHttpFlow().receive(setCookie(sticker, group.server(0)));
        assertThat(sticker.setCookie(client, group.server(0), 200)).isNull();
        assertThat(sticker.setCookie(client, group.server(1), 200)).isEqualTo(setCookie(sticker, group.server(1)));
    }

    @Test
    void goesByItsOwnCookieOnly() {
        FakeHttpFlow client = new FakeHttpFlow().with("serverid", value(factory, group, 0));
        assertThat(sticker.recall(client, 0)).isNull();
        assertThat(sticker.setCookie(client, group.server(0), 200)).isNotNull();
    }

    /** The picker may have been rebuilt while the server was answering. */
    @Test
    void setsNoneForAServerThatTakesNothingNewAnyMore() {
        FakeHttpFlow newcomer = new FakeHttpFlow();
        assertThat(factory.create(group.without(0), sticker).setCookie(newcomer, group.server(0), 200))
                .isNull();
        assertThat(factory.create(group.withWeights(0, 100, 100), sticker).setCookie(newcomer, group.server(0), 200))
                .isNull();
    }

    @Test
    void tellsNeitherHostNorPortNorPlace() {
        FakeGroup one = FakeGroup.of(FakeServer.of("cache-host", 8080, 7));
        FakeGroup behindAnother = FakeGroup.of(one.server(0), FakeServer.of("a-host", 8080, 1));
        assertThat(behindAnother.server(1)).isSameAs(one.server(0));
        assertThat(value(factory, one, 0))
                .hasSize(22)
                .isEqualTo(value(factory, behindAnother, 1))
                .doesNotContainIgnoringCase("cache", "host", "8080")
                .isNotEqualTo(value(factory, FakeGroup.of(FakeServer.of("cache-host", 8081, 7)), 0));
    }

    @Property
    void namesEveryServerOfEveryGroupByEveryKeyDifferently(
            @ForAll @Size(min = 1, max = 4) @UniqueElements List<@IntRange(max = 127) Integer> keys,
            @ForAll("names") Set<String> groups,
            @ForAll("names") Set<String> hosts,
            @ForAll @Size(min = 1, max = 3) @UniqueElements List<@IntRange(min = 1, max = 65_535) Integer> ports) {
        FakeServer[] servers = hosts.stream()
                .flatMap(host -> ports.stream().map(port -> FakeServer.of(host, port, 0)))
                .toArray(FakeServer[]::new);
        List<String> values = new ArrayList<>();
        for (int key : keys) {
            InsertCookie keyed = factory.stickyKeys(List.of(bytes(key)));
            for (String name : groups) {
                FakeGroup named = FakeGroup.of(servers).withName(name);
                IntStream.range(0, servers.length).forEach(i -> values.add(value(keyed, named, i)));
            }
        }
        assertThat(values).doesNotHaveDuplicates().allMatch(value -> value.matches("[A-Za-z0-9_-]{22}"));
    }

    @Property
    void recallsNobodyForAnyOtherString(@ForAll String text) {
        assertThat(recall(sticker, text)).isNull();
    }

    @Property
    void recallsNobodyForOtherStringsOfTheSameForm(@ForAll("values") String text) {
        assertThat(recall(sticker, text)).isNull();
    }

    @Property
    void recallsNobodyForAValueWithAnotherCharacterAnywhere(
            @ForAll @IntRange(max = 2) int server, @ForAll @IntRange(max = 21) int at, @ForAll char other) {
        String value = value(factory, group, server);
        String changed = value.substring(0, at) + other + value.substring(at + 1);
        Server expected = changed.equals(value) ? group.server(server) : null;
        assertThat(recall(sticker, changed)).isSameAs(expected);
    }

    /** The last digit has four bits to spare: only one way to write a value is right. */
    @Test
    void recallsNobodyForAnyOtherDigitAnywhere() {
        String value = value(factory, group, 0);
        for (int at = 0; at < value.length(); at++) {
            for (int digit = 0; digit < DIGITS.length(); digit++) {
                String changed = value.substring(0, at) + DIGITS.charAt(digit) + value.substring(at + 1);
                assertThat(recall(sticker, changed)).isSameAs(changed.equals(value) ? group.server(0) : null);
            }
        }
    }

    @Property
    void recallsNobodyForAPartOfAValueOrMoreThanIt(
            @ForAll @IntRange(max = 21) int end, @ForAll @Size(min = 1, max = 100) List<Character> more) {
        String value = value(factory, group, 1);
        String tail = more.stream().map(String::valueOf).collect(Collectors.joining());
        assertThat(recall(sticker, value.substring(0, end))).isNull();
        assertThat(recall(sticker, value.substring(end + 1))).isNull();
        assertThat(recall(sticker, value + tail)).isNull();
        assertThat(recall(sticker, tail + value)).isNull();
    }

    @Test
    void recallsNobodyForAValueOfAnotherGroupOrKey() {
        assertThat(recall(sticker, value(factory, group.withName("other"), 0))).isNull();
        assertThat(recall(sticker, value(factory.stickyKeys(List.of(NEWER_KEY)), group, 0)))
                .isNull();
    }

    @Property(tries = 50)
    void recallsEveryServerOfALargeGroupByEveryKey(
            @ForAll @IntRange(min = 1, max = 500) int size,
            @ForAll @Size(min = 1, max = 16) @UniqueElements List<@IntRange(max = 127) Integer> keys) {
        FakeGroup large =
                FakeGroup.ofWeights(IntStream.generate(() -> 1).limit(size).toArray());
        SessionSticker all = factory.stickyKeys(
                        keys.stream().map(InsertCookieTest::bytes).toList())
                .create(large, null);
        for (int key : keys) {
            SessionSticker old = factory.stickyKeys(List.of(bytes(key))).create(large, null);
            for (FakeServer server : large.servers()) {
                assertThat(all.recall(new FakeHttpFlow().receive(setCookie(old, server)), 0))
                        .isSameAs(server);
            }
        }
    }

    @Test
    void goesOnWithCookiesByAnOlderKeyAndReplacesThem() {
        FakeHttpFlow client = new FakeHttpFlow().receive(setCookie(sticker, group.server(1)));
        SessionSticker rotated = factory.stickyKeys(List.of(NEWER_KEY, KEY)).create(group, null);
        assertThat(rotated.recall(client, 0)).isSameAs(group.server(1));
        client.receive(requireNonNull(rotated.setCookie(client, group.server(1), 200)));
        assertThat(rotated.setCookie(client, group.server(1), 200)).isNull();

        SessionSticker withoutTheOlder = factory.stickyKeys(List.of(NEWER_KEY)).create(group, null);
        assertThat(withoutTheOlder.recall(client, 0)).isSameAs(group.server(1));
        assertThat(sticker.recall(client, 0)).isNull();
    }

    @Property
    void agreesWithAnyNodeThatHasTheSameKeys(@ForAll("keys") byte[] key) {
        SessionSticker here =
                Stickiness.insertCookie(MAX_AGE).stickyKeys(List.of(key)).create(group.withSeed(1), null);
        SessionSticker there = Stickiness.insertCookie(MAX_AGE)
                .stickyKeys(List.of(key.clone()))
                .create(group.withSeed(2), null);
        for (FakeServer server : group.servers()) {
            FakeHttpFlow client = new FakeHttpFlow().receive(setCookie(here, server));
            assertThat(there.recall(client, 0)).isSameAs(server);
            assertThat(there.setCookie(client, server, 200)).isNull();
        }
    }

    @Test
    void hasAKeyOfItsOwnUnlessOneIsSet() {
        InsertCookie one = Stickiness.insertCookie(MAX_AGE);
        InsertCookie other = Stickiness.insertCookie(MAX_AGE);
        assertThat(value(one, group, 0)).isNotEqualTo(value(other, group, 0));
        assertThat(value(one, group, 0)).isEqualTo(value(one.cookieName("renamed"), group, 0));
        assertThat(one.stickyKeyLengths()).containsExactly(32);
    }

    /** The operator wrote the same configuration anew, in another object. */
    @Test
    void keepsTheRandomKeyOfAnEqualPredecessor() {
        SessionSticker first = Stickiness.insertCookie(MAX_AGE).create(group, null);
        SessionSticker second = Stickiness.insertCookie(MAX_AGE).create(group, first);
        assertThat(setCookie(second, group.server(0))).isEqualTo(setCookie(first, group.server(0)));
    }

    @Test
    void goesByItsOwnKeysWhereThePredecessorHadOthers() {
        SessionSticker random = Stickiness.insertCookie(MAX_AGE).create(group, null);
        assertThat(setCookie(factory.create(group, random), group.server(0)))
                .isEqualTo(setCookie(sticker, group.server(0)));
        assertThat(setCookie(Stickiness.insertCookie(MAX_AGE).create(group, sticker), group.server(0)))
                .isNotEqualTo(setCookie(sticker, group.server(0)));
    }

    @Test
    void doesNotChangeWithTheArraysThatItWasGiven() {
        byte[] given = KEY.clone();
        InsertCookie copied = Stickiness.insertCookie(MAX_AGE).stickyKeys(List.of(given));
        Arrays.fill(given, (byte) 9);
        assertThat(copied).isEqualTo(factory);
        assertThat(value(copied, group, 0)).isEqualTo(value(factory, group, 0));
    }

    @Test
    void isEqualByAgeNameAndKeysAndShowsNoKey() {
        assertThat(factory)
                .isEqualTo(Stickiness.insertCookie(Duration.ofMinutes(30)).stickyKeys(List.of(KEY.clone())))
                .hasSameHashCodeAs(Stickiness.insertCookie(MAX_AGE).stickyKeys(List.of(KEY.clone())))
                .isNotEqualTo(Stickiness.insertCookie(Duration.ofMinutes(1)).stickyKeys(List.of(KEY)))
                .isNotEqualTo(factory.cookieName("other"))
                .isNotEqualTo(factory.stickyKeys(List.of(NEWER_KEY)))
                .isNotEqualTo(factory.stickyKeys(List.of(KEY, NEWER_KEY)))
                .isNotEqualTo(Stickiness.insertCookie(MAX_AGE))
                .hasToString("insertCookie(PT30M, name SERVERID, 1 key)");
        assertThat(factory.stickyKeys(List.of(NEWER_KEY, KEY)))
                .isNotEqualTo(factory.stickyKeys(List.of(KEY, NEWER_KEY)))
                .hasToString("insertCookie(PT30M, name SERVERID, 2 keys)");
        assertThat(Stickiness.insertCookie(MAX_AGE))
                .isEqualTo(Stickiness.insertCookie(MAX_AGE))
                .hasSameHashCodeAs(Stickiness.insertCookie(MAX_AGE))
                .hasToString("insertCookie(PT30M, name SERVERID, a random key)");
        assertThat(factory.maxAge()).isEqualTo(MAX_AGE);
        assertThat(factory.cookieName("other").cookieName()).isEqualTo("other");
    }

    /** Every request asks, also those of strangers, and every response. */
    @Test
    void allocatesNothingWhateverTheCookie() {
        for (String text : List.of(value(factory, group, 0), "A".repeat(22), "?".repeat(22), "A".repeat(4_000), "")) {
            FakeHttpFlow client = new FakeHttpFlow().with("SERVERID", text);
            assertThat(Allocation.bytesPerCall(() -> {
                        last = sticker.recall(client, 0);
                        last = sticker.setCookie(client, group.server(0), 200);
                    }))
                    .as("bytes for a request")
                    .isLessThan(1);
        }
    }

    @Provide
    Arbitrary<Set<String>> names() {
        return Arbitraries.strings()
                .withCharRange('a', 'z')
                .withChars("0123456789.-")
                .ofMinLength(1)
                .ofMaxLength(20)
                .set()
                .ofMinSize(1)
                .ofMaxSize(3)
                .map(TreeSet::new);
    }

    @Provide
    Arbitrary<String> values() {
        return Arbitraries.strings().withChars(DIGITS.toCharArray()).ofLength(22);
    }

    @Provide
    Arbitrary<byte[]> keys() {
        return Arbitraries.bytes().array(byte[].class).ofMinSize(16).ofMaxSize(64);
    }

    private static String setCookie(SessionSticker sticker, Server server) {
        return requireNonNull(sticker.setCookie(new FakeHttpFlow(), server, 200));
    }

    private static String value(InsertCookie factory, FakeGroup group, int server) {
        String field = setCookie(factory.create(group, null), group.server(server));
        return field.substring(field.indexOf('=') + 1, field.indexOf(';'));
    }

    private static @Nullable Server recall(SessionSticker sticker, String value) {
        return sticker.recall(new FakeHttpFlow().with("SERVERID", value), 0);
    }

    private static FakeServer server(String host) {
        return FakeServer.of(host, 8080, 0);
    }

    private static byte[] bytes(int first) {
        byte[] key = new byte[16];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (first + i);
        }
        return key;
    }
}
