package io.clb;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.clb.spi.AccessLogSink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What an access log may be, and what is refused. */
class AccessLogTest {

    private static final AccessLog LOG = AccessLog.file(Path.of("access.log"));
    private static final AccessLogSink SINK = lines -> {};

    private static Config.Builder web() {
        return LoadBalancer.builder()
                .serverGroup("web", g -> g.server("10.0.0.1:80"))
                .listener("front", l -> l.http(80).forwardTo("web"));
    }

    private static List<String> mistakes(Config.Builder config) {
        try {
            config.build();
            return List.of();
        } catch (ConfigException e) {
            return e.mistakes().stream()
                    .map(mistake -> mistake.where() + ": " + mistake.field() + ": " + mistake.value())
                    .toList();
        }
    }

    private static List<String> mistakes(UnaryOperator<AccessLog> change) {
        return mistakes(web().accessLog(change.apply(LOG)));
    }

    private static String shown(AccessLog log, ListenerConfig.Protocol protocol) {
        return log.parts(protocol).stream()
                .map(part -> part.text()
                        + (part.field() == null ? "" : "<" + part.field().fieldName() + ">"))
                .collect(joining());
    }

    @Test
    void theDefaultHasAllThatAListenerKnowsInTheProductsOrder() {
        assertThat(shown(LOG, ListenerConfig.Protocol.TCP))
                .isEqualTo("<time> <client_ip> <client_port> <upstream_addr> <vip_addr> <slb_vport> \"<slbid>\""
                        + " <bytes_received> <bytes_sent> <session_time> <reason> \"<server_group>\" \"<listener>\""
                        + " <upstream_result> <upstream_connect_time>");
        assertThat(shown(LOG, ListenerConfig.Protocol.HTTP))
                .startsWith(
                        "<time> <client_ip> <client_port> <scheme> <server_protocol> \"<request_method>\" \"<host>\""
                                + " \"<request_uri>\" \"<http_host>\" \"<http_referer>\" \"<http_user_agent>\""
                                + " \"<http_x_forwarded_for>\" \"<http_x_real_ip>\" <request_length> <body_bytes_sent> <status>"
                                + " <upstream_addr> <upstream_status> <upstream_response_time> <request_time>"
                                + " <read_request_time> <write_response_time> <ssl_protocol> <ssl_cipher> <vip_addr>")
                .doesNotContain("tcpinfo_rtt");
    }

    @Test
    void aPatternHasFieldsAndDollars() {
        assertThat(shown(LOG.pattern("$client_ip:${client_port} costs $$5 [$time]"), ListenerConfig.Protocol.UDP))
                .isEqualTo("<client_ip>:<client_port> costs $5 [<time>]");
    }

    @Test
    void namesFieldsThatAreNone() {
        String all = "one of [time, client_ip, client_port, scheme, ";
        for (AccessLog log : List.of(LOG.pattern("$time $remote_addr ${} ${time"), LOG.json("time", "remote_addr"))) {
            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(() -> web().accessLog(log).build())
                    .withMessageContaining("balancer: accessLog field: ")
                    .withMessageContaining("remote_addr (expected: " + all);
        }
        assertThat(mistakes(log -> log.pattern("$time $a ${} ${time")))
                .containsExactly(
                        "balancer: accessLog field: $",
                        "balancer: accessLog field: $a",
                        "balancer: accessLog field: ${}");
    }

    @Test
    void refusesWhatNobodyCouldTakeApart() {
        for (String pattern : List.of("$host$request_uri", "${host}x", "$host-", "$rule\\", "$host$$ $time")) {
            assertThat(mistakes(log -> log.pattern(pattern)))
                    .as(pattern)
                    .hasSize(1)
                    .allMatch(mistake -> mistake.startsWith("balancer: accessLog pattern: $"));
        }
        for (String pattern : List.of("$client_ip:$client_port", "$time$status", "\"$host\"", "$host|$rule", "$host")) {
            assertThat(mistakes(log -> log.pattern(pattern))).as(pattern).isEmpty();
        }
    }

    @Test
    void refusesPatternsThatAreNone() {
        for (String pattern : List.of("", "plain", "$time\n$host", "$time\t", "$time " + "x".repeat(4_092))) {
            assertThat(mistakes(log -> log.pattern(pattern)))
                    .containsExactly("balancer: accessLog pattern: " + pattern);
        }
        assertThat(mistakes(log -> log.json("time", "time"))).containsExactly("balancer: accessLog json: [time, time]");
    }

    @Test
    void refusesNumbersOutOfRange() {
        assertThat(mistakes(log -> log.rotateAt(65_535))).containsExactly("balancer: accessLog rotateAt: 65535");
        assertThat(mistakes(log -> log.rotateAt((1L << 40) + 1))).hasSize(1);
        assertThat(mistakes(log ->
                        log.rotateAt(65_536).keep(1_000).maxBuffered(1 << 30).flushEvery(Duration.ofSeconds(10))))
                .isEmpty();
        assertThat(mistakes(log -> AccessLog.to(SINK).rotateAt(65_536))).hasSize(1);
        assertThat(mistakes(log -> log.keep(0))).containsExactly("balancer: accessLog keep: 0");
        assertThat(mistakes(log -> log.keep(1_001))).hasSize(1);
        assertThat(mistakes(log -> log.maxBuffered((1 << 20) - 1))).hasSize(1);
        assertThat(mistakes(log -> log.maxBuffered((1 << 30) + 1))).hasSize(1);
        assertThat(mistakes(log -> log.flushEvery(Duration.ofMillis(9)))).hasSize(1);
        assertThat(mistakes(log -> log.flushEvery(Duration.ofMillis(10_001)))).hasSize(1);
        assertThat(mistakes(web().listener("front", l -> l.accessLog(LOG.keep(0)))))
                .containsExactly("listener front: accessLog keep: 0");
    }

    @Test
    void oneFileIsRotatedInOneWay() {
        Config.Builder both = web().accessLog(LOG.rotateAt(1 << 20))
                .listener("front", l -> l.accessLog(LOG.rotateAt(1 << 20).json()));
        assertThat(mistakes(both)).isEmpty();
        both.listener("front", l -> l.accessLog(LOG.json()));
        assertThat(mistakes(both))
                .containsExactly(
                        "listener front: accessLog: " + Path.of("access.log").toAbsolutePath());
    }

    @Test
    void aListenerHasItsOwnOrThatOfTheBalancerOrNone() {
        AccessLog own = AccessLog.to(SINK).json();
        Config.Builder builder = web().accessLog(LOG);
        assertThat(logOfFront(builder)).isEqualTo(LOG);
        builder.listener("front", l -> l.accessLog(own));
        assertThat(logOfFront(builder.build().toBuilder())).isEqualTo(own).isNotEqualTo(LOG);
        builder.listener("front", l -> l.noAccessLog());
        assertThat(logOfFront(builder.build().toBuilder())).isNull();
        builder.listener("front", l -> l.accessLog(null));
        assertThat(logOfFront(builder)).isEqualTo(LOG);
        assertThat(logOfFront(builder.accessLog(null))).isNull();
        assertThat(own)
                .hasToString("JSON to " + SINK)
                .isEqualTo(AccessLog.to(SINK).json())
                .hasSameHashCodeAs(AccessLog.to(SINK).json());
    }

    private static @org.jspecify.annotations.Nullable AccessLog logOfFront(Config.Builder builder) {
        Config config = builder.build();
        return config.accessLog(config.listeners().values().iterator().next());
    }
}
