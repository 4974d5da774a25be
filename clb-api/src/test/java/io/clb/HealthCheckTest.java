package io.clb;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.clb.spi.HealthChecker;
import io.clb.spi.Verdict;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HealthCheckTest {

    private static final HealthChecker OWN = probe -> CompletableFuture.completedFuture(Verdict.ok());

    @Test
    void noticesASilentServerWithin19SecondsByDefault() {
        assertThat(HealthCheck.tcp().noticeWindow()).isEqualTo(ofSeconds(19));
    }

    @Test
    void seesAServerRecoverWithinThreeAnswersAndTwoIntervalsByDefault() {
        assertThat(HealthCheck.tcp().recoveryWindow(ofMillis(10))).isEqualTo(ofMillis(4_030));
    }

    @Property
    void computesItsWindowsFromItsSettings(
            @ForAll @IntRange(min = 100, max = 300_000) int timeout,
            @ForAll @IntRange(min = 100, max = 50_000) int interval,
            @ForAll @IntRange(min = 1, max = 10) int healthy,
            @ForAll @IntRange(min = 1, max = 10) int unhealthy) {
        HealthCheck check = HealthCheck.tcp()
                .timeout(ofMillis(timeout))
                .interval(ofMillis(interval))
                .healthyThreshold(healthy)
                .unhealthyThreshold(unhealthy);
        assertThat(check.noticeWindow().toMillis())
                .isEqualTo((long) timeout * unhealthy + (long) interval * (unhealthy - 1));
        assertThat(check.recoveryWindow(ofMillis(7)).toMillis())
                .isEqualTo(7L * healthy + (long) interval * (healthy - 1));
    }

    @Test
    void staysAsItIsWhenACopyIsChanged() {
        HealthCheck check = HealthCheck.tcp();
        assertThat(check.interval(ofSeconds(1))).isNotEqualTo(check);
        assertThat(check).isEqualTo(HealthCheck.tcp());
        HttpCheck request = HttpCheck.path("/");
        assertThat(request.host("a").method(HttpCheck.Method.GET).statuses(200, 204))
                .isNotEqualTo(request);
        assertThat(request).isEqualTo(HttpCheck.path("/"));
    }

    @Test
    void keepsItsKindAndItsRequestWhenASettingChanges() {
        assertThat(HealthCheck.none().port(1)).returns(HealthCheck.Kind.NONE, HealthCheck::kind);
        assertThat(HealthCheck.custom(OWN).port(1))
                .returns(HealthCheck.Kind.CUSTOM, HealthCheck::kind)
                .returns(OWN, HealthCheck::checker);
        assertThat(HealthCheck.http("/health").port(1))
                .returns(HealthCheck.Kind.HTTP, HealthCheck::kind)
                .returns(HttpCheck.path("/health"), HealthCheck::httpCheck);
    }

    @Test
    void isEqualByKindSettingsAndRequest() {
        assertThat(HealthCheck.http("/a").port(1))
                .isEqualTo(HealthCheck.http("/a").port(1))
                .hasSameHashCodeAs(HealthCheck.http("/a").port(1))
                .isNotEqualTo(HealthCheck.http("/a").port(2))
                .isNotEqualTo(HealthCheck.http("/b").port(1))
                .isNotEqualTo(HealthCheck.tcp().port(1));
        assertThat(HealthCheck.custom(OWN)).isNotEqualTo(HealthCheck.custom(probe -> OWN.check(probe)));
    }

    @ParameterizedTest
    @CsvSource({"199, false", "200, true", "299, true", "300, false"})
    void takesStatusesFrom200To299ForHealthyByDefault(int status, boolean healthy) {
        assertThat(HttpCheck.path("/").accepts(status)).isEqualTo(healthy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a?b=c&d", "/%20~"})
    void takesPathsOfVisibleAscii(String path) {
        assertThat(config(HttpCheck.path(path)).serverGroups()).hasSize(1);
        assertThat(config(HttpCheck.path("/" + "a".repeat(511))).serverGroups()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "/a b", "/\r\nHost: b", "/\u007f", "/ä"})
    void refusesOtherPaths(String path) {
        refuses(HttpCheck.path(path), "path");
        refuses(HttpCheck.path("/" + "a".repeat(512)), "path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\r\nb", "a b"})
    void refusesHostsThatWouldBreakTheRequest(String host) {
        refuses(HttpCheck.path("/").host(host), "host");
    }

    @ParameterizedTest
    @CsvSource({"99, 200", "200, 600", "300, 299"})
    void refusesStatusesThatAreNoRangeOfHttp(int lowest, int highest) {
        refuses(HttpCheck.path("/").statuses(lowest, highest), "statuses");
    }

    @Test
    void waitsLongerForUdpUnlessToldOtherwise() {
        for (HealthCheck check : List.of(HealthCheck.udp(), HealthCheck.udp(UdpCheck.request("ping")))) {
            assertThat(check.get(Options.CHECK_TIMEOUT)).isEqualTo(ofSeconds(10));
            assertThat(check.get(Options.CHECK_INTERVAL)).isEqualTo(ofSeconds(5));
            assertThat(check.noticeWindow()).isEqualTo(ofSeconds(40));
            assertThat(check.timeout(ofSeconds(1)).interval(ofSeconds(1)).noticeWindow())
                    .isEqualTo(ofSeconds(5));
        }
    }

    @ParameterizedTest
    @CsvSource({"ping, false, 4", "zwölf, false, 6", "0A1b, true, 2"})
    void sendsTextAsUtf8AndHexAsBytes(String written, boolean hex, int bytes) {
        UdpCheck request = hex ? UdpCheck.requestHex(written) : UdpCheck.request(written);
        UdpCheck both = hex ? request.expectHex(written) : request.expect(written);
        assertThat(request.expected()).isNull();
        assertThat(both.request()).isEqualTo(both.expected()).returns(bytes, ByteBuffer::remaining);
        assertThat(both)
                .isEqualTo(hex ? request.expectHex(written) : request.expect(written))
                .isNotEqualTo(request);
        assertThat(HealthCheck.udp(both)).isNotEqualTo(HealthCheck.udp(request)).isNotEqualTo(HealthCheck.udp());
    }

    @Test
    void takesDatagramsOf1To512Bytes() {
        for (int bytes : new int[] {1, 512}) {
            UdpCheck check = UdpCheck.request("x".repeat(bytes)).expect("x".repeat(bytes));
            assertThat(config(HealthCheck.udp(check)).serverGroups()).hasSize(1);
            UdpCheck hex = UdpCheck.requestHex("0a".repeat(bytes)).expectHex("0a".repeat(bytes));
            assertThat(config(HealthCheck.udp(hex)).serverGroups()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 513})
    void refusesDatagramsOfAnotherSize(int bytes) {
        refuses(HealthCheck.udp(UdpCheck.request("x".repeat(bytes))), "request");
        refuses(HealthCheck.udp(UdpCheck.requestHex("0a".repeat(bytes))), "request");
        refuses(HealthCheck.udp(UdpCheck.request("x").expect("x".repeat(bytes))), "expect");
        refuses(HealthCheck.udp(UdpCheck.request("x").expectHex("0a".repeat(bytes))), "expect");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0x0a", "0a 0b", "zz", "١٢"})
    void refusesHexThatIsNone(String hex) {
        refuses(HealthCheck.udp(UdpCheck.requestHex(hex)), "request");
        refuses(HealthCheck.udp(UdpCheck.request("x").expectHex(hex)), "expect");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.5", "::1", "2001:db8::5"})
    void probesFromTheAddressThatIsSet(String address) {
        assertThat(HealthCheck.tcp().sourceAddress()).isNull();
        for (HealthCheck check : List.of(HealthCheck.tcp(), HealthCheck.udp(), HealthCheck.http("/"))) {
            HealthCheck from = check.sourceAddress(address).port(1);
            assertThat(config(from).serverGroups().values())
                    .singleElement()
                    .returns(from, ServerGroupConfig::healthCheck);
            assertThat(from.sourceAddress()).isEqualTo(address);
            assertThat(from).isNotEqualTo(check.port(1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "eth0", "10.0.0", "10.0.0.5:80", "[::1]", "10.0.0.0/8"})
    void refusesToProbeFromWhatIsNoAddress(String address) {
        refuses(HealthCheck.tcp().sourceAddress(address), "sourceAddress");
    }

    @Test
    void beginsWithAHeaderOfTheProxyProtocolThatIsSet() {
        assertThat(HealthCheck.tcp().proxyProtocol()).isNull();
        for (HealthCheck check : List.of(HealthCheck.tcp(), HealthCheck.udp(), HealthCheck.http("/"))) {
            HealthCheck with =
                    check.proxyProtocol(ProxyProtocol.Version.V2).port(1).sourceAddress("::1");
            assertThat(config(with).serverGroups().values())
                    .singleElement()
                    .returns(with, ServerGroupConfig::healthCheck);
            assertThat(with.proxyProtocol()).isEqualTo(ProxyProtocol.Version.V2);
            assertThat(with).isNotEqualTo(check.port(1).sourceAddress("::1"));
        }
        assertThat(config(HealthCheck.tcp().proxyProtocol(ProxyProtocol.Version.V1))
                        .serverGroups())
                .hasSize(1);
    }

    @Test
    void refusesHeadersThatItCannotSend() {
        refuses(HealthCheck.none().proxyProtocol(ProxyProtocol.Version.V2), "proxyProtocol");
        refuses(HealthCheck.custom(OWN).proxyProtocol(ProxyProtocol.Version.V2), "proxyProtocol");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> config(HealthCheck.udp().proxyProtocol(ProxyProtocol.Version.V1)))
                .withMessage("serverGroup web: healthCheck: proxyProtocol: V1"
                        + " (expected: V2, as V1 is for connections only)");
    }

    @ParameterizedTest
    @CsvSource({
        "200, true",
        "299, true",
        "300, false",
        "301, true",
        "302, true",
        "303, false",
        "404, true",
        "405, false"
    })
    void takesSeveralClassesRangesAndSingleStatuses(int status, boolean healthy) {
        HttpCheck check = HttpCheck.path("/").statuses("2xx", "301-302", "404");
        assertThat(check.accepts(status)).isEqualTo(healthy);
        assertThat(check.statuses()).isEqualTo("2xx, 301-302, 404");
        assertThat(config(check).serverGroups()).hasSize(1);
    }

    @Property
    void readsWhatItWritesOfStatuses(
            @ForAll @IntRange(min = 100, max = 599) int one,
            @ForAll @IntRange(min = 100, max = 599) int other,
            @ForAll @IntRange(min = 0, max = 700) int status) {
        int lowest = Math.min(one, other);
        int highest = Math.max(one, other);
        HttpCheck check = HttpCheck.path("/").statuses(lowest, highest);
        assertThat(check.accepts(status)).isEqualTo(status >= lowest && status <= highest);
        assertThat(HttpCheck.path("/").statuses(check.statuses())).isEqualTo(check);
        assertThat(HttpCheck.path("/").statuses(lowest + "-" + highest)).isEqualTo(check);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "ok", "2", "20x", "6xx", "0xx", "099", "600", "302-301", "200-", "200-600", "2xx-3xx", " 200"
            })
    void refusesStatusesThatAreNone(String statuses) {
        refuses(HttpCheck.path("/").statuses("2xx", statuses), "statuses");
    }

    @Test
    void speaksAVersionOfHttp() {
        HttpCheck check = HttpCheck.path("/").version(HttpCheck.Version.HTTP_1_0);
        assertThat(check.version()).hasToString("HTTP/1.0");
        assertThat(check).isNotEqualTo(HttpCheck.path("/"));
        assertThat(HttpCheck.path("/").version()).hasToString("HTTP/1.1");
    }

    @Test
    void takesHostsOfUpTo261Characters() {
        assertThat(config(HttpCheck.path("/").host("a".repeat(261))).serverGroups())
                .hasSize(1);
        refuses(HttpCheck.path("/").host("a".repeat(262)), "host");
    }

    private static void refuses(HttpCheck request, String field) {
        refuses(HealthCheck.http(request), field);
    }

    private static void refuses(HealthCheck check, String field) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> config(check))
                .satisfies(e -> assertThat(e.mistakes())
                        .singleElement()
                        .returns("serverGroup web: healthCheck", ConfigException.Mistake::where)
                        .returns(field, ConfigException.Mistake::field));
    }

    private static Config config(HttpCheck request) {
        return config(HealthCheck.http(request));
    }

    private static Config config(HealthCheck check) {
        return LoadBalancer.builder()
                .serverGroup("web", g -> g.healthCheck(check))
                .build();
    }
}
