package io.clb;

import static io.clb.OptionRow.group;
import static io.clb.OptionRow.listener;
import static io.clb.OptionRow.sound;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each option against SPEC's range and against its setter. */
class OptionTest {

    @Test
    void standsInThisTable() {
        assertThat(OptionRows.rows()).extracting(OptionRow::option).isEqualTo(Options.all());
    }

    @ParameterizedTest
    @MethodSource("io.clb.OptionRows#rows")
    <T extends Comparable<T>> void takesBothEndsOfItsRange(OptionRow<T> row) {
        for (T end : List.of(row.lowest(), row.highest())) {
            assertThat(row.option().accepts(end)).isTrue();
            assertThat(row.getter().apply(row.setter().apply(sound(), end).build()))
                    .isEqualTo(end);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.OptionRows#rows")
    <T extends Comparable<T>> void refusesWhatIsJustOutside(OptionRow<T> row) {
        for (T value : row.outside()) {
            assertThat(row.option().accepts(value)).isFalse();
            Config.Builder builder = row.setter().apply(sound(), value);
            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(builder::build)
                    .asInstanceOf(type(ConfigException.class))
                    .extracting(ConfigException::mistakes)
                    .satisfies(mistakes -> assertThat(mistakes)
                            .singleElement()
                            .returns(row.option().name(), ConfigException.Mistake::field)
                            .returns(value.toString(), ConfigException.Mistake::value)
                            .returns(row.option().expectation(), ConfigException.Mistake::expected));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.OptionRows#rows")
    <T extends Comparable<T>> void holdsItsDefaultUntilItIsSet(OptionRow<T> row) {
        assertThat(row.option().defaultValue()).isEqualTo(row.standard());
        assertThat(row.option().accepts(row.standard())).isTrue();
        assertThat(row.getter().apply(sound().build())).isEqualTo(row.standard());
    }

    @ParameterizedTest
    @MethodSource("io.clb.OptionRows#rows")
    void documentsItself(OptionRow<?> row) {
        assertThat(row.option().summary()).isNotBlank().doesNotContain("|").doesNotEndWith(".");
        assertThat(row.option().since()).matches("\\d+\\.\\d+");
        assertThat(row.option().type())
                .isIn(Duration.class, Integer.class, Boolean.class, XForwardedFor.class, TlsProvider.class);
    }

    @Test
    void hasANameOfItsOwnInItsScope() {
        assertThat(Options.all()).extracting(Option::toString).doesNotHaveDuplicates();
    }

    @Test
    void isRefusedOnAListenerThatHasNoUseForIt() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> sound().listener("l", l -> l.maxRequestsPerConnection(5))
                        .build())
                .withMessageContaining("listener l: maxRequestsPerConnection: 5"
                        + " (expected: not set: it is an option of [HTTP] listeners, this one is TCP)");
    }

    @Test
    void isRefusedOnUdpWhereItIsAboutConnections() {
        Config.Builder udp = sound().listener(
                        "l",
                        l -> l.udp(0)
                                .connectTries(2)
                                .connectTimeout(ofSeconds(2))
                                .noDelay(false));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(udp::build)
                .asInstanceOf(type(ConfigException.class))
                .extracting(ConfigException::mistakes)
                .satisfies(
                        mistakes -> assertThat(mistakes)
                                .extracting(ConfigException.Mistake::toString)
                                .containsExactly(
                                        "listener l: connectTimeout: PT2S"
                                                + " (expected: not set: it is an option of [TCP, HTTP] listeners, this one is UDP)",
                                        "listener l: connectTries: 2"
                                                + " (expected: not set: it is an option of [TCP, HTTP] listeners, this one is UDP)",
                                        "listener l: noDelay: false"
                                                + " (expected: not set: it is an option of [TCP, HTTP] listeners, this one is UDP)"));
    }

    @Test
    void mayHaveAValueOutsideOfItsRangeThatTurnsItOff() {
        Config on = sound().serverGroup("g", g -> g.slowStart(ofSeconds(30))).build();
        Config off =
                on.toBuilder().serverGroup("g", g -> g.slowStart(Duration.ZERO)).build();
        assertThat(group(off).slowStart()).isZero();
        assertThat(Options.SLOW_START.expectation()).isEqualTo("0 s (off), or 30 s to 900 s");
    }

    @Test
    void goesWithTheProtocolThatTheListenerHasInTheEnd() {
        Config http =
                sound().listener("l", l -> l.idleTimeout(ofSeconds(20)).http(0)).build();
        assertThat(listener(http).get(Options.HTTP_IDLE_TIMEOUT)).isEqualTo(ofSeconds(20));
        Config tcp = http.toBuilder().listener("l", l -> l.tcp(0)).build();
        assertThat(listener(tcp).get(Options.IDLE_TIMEOUT)).isEqualTo(ofSeconds(20));
        Config udp =
                tcp.toBuilder().listener("l", l -> l.udp(0).maxConnections(5)).build();
        assertThat(listener(udp).idleTimeout()).isEqualTo(ofSeconds(20));
        assertThat(listener(udp).maxConnections()).isEqualTo(5);
        Config back = udp.toBuilder().listener("l", l -> l.http(0)).build();
        assertThat(listener(back).get(Options.MAX_CONNECTIONS)).isEqualTo(5);
    }

    @Test
    void writesValuesAsTheTableDoes() {
        assertThat(Options.IDLE_TIMEOUT.format(ofMinutes(15))).isEqualTo("900 s");
        assertThat(Options.CHECK_INTERVAL.format(ofMillis(1_500))).isEqualTo("1500 ms");
        assertThat(Options.MAX_CONNECTIONS.format(1_000_000)).isEqualTo("1,000,000");
        assertThat(Options.NO_DELAY.format(true)).isEqualTo("true");
        assertThat(Options.NO_DELAY.expectation()).isEqualTo("true or false");
        assertThat(Options.X_FORWARDED_FOR.expectation()).isEqualTo("one of APPEND, REMOVE, OFF");
        assertThat(Options.X_FORWARDED_FOR.format(XForwardedFor.OFF)).isEqualTo("OFF");
        assertThat(Options.REDIRECT_STATUS.expectation()).isEqualTo("one of 301, 302, 303, 307, 308");
    }
}
