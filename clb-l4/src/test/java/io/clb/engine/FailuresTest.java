package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.Reason;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import org.junit.jupiter.api.Test;

/** The words of the system, as each transport brings them. */
final class FailuresTest {

    @Test
    void theWordsAreTheSameOnEveryTransport() {
        assertThat(Failures.text(new ConnectException("Connection refused: /127.0.0.1:80")))
                .isEqualTo("connection refused");
        assertThat(Failures.text(new ConnectException(
                        "finishConnect(..) failed with error(-111): Connection refused: /127.0.0.1:80")))
                .isEqualTo("connection refused");
        assertThat(Failures.text(
                        new ConnectException("finishConnect(..) failed: Connection refused: localhost/127.0.0.1:80")))
                .isEqualTo("connection refused");
        assertThat(Failures.text(new IOException("Connection reset by peer"))).isEqualTo("connection reset");
        assertThat(Failures.text(new IOException("recvAddress(..) failed with error(-104): Connection reset by peer")))
                .isEqualTo("connection reset");
        assertThat(Failures.text(new IOException("Network is unreachable"))).isEqualTo("network is unreachable");
        assertThat(Failures.text(new IOException())).isEqualTo("IOException");
        assertThat(Failures.text(null)).isEqualTo("unknown");
    }

    @Test
    void aFailedConnectHasOneOfFourReasons() {
        assertThat(Failures.connect(new ConnectException("Connection refused"))).isEqualTo(Reason.CONNECT_REFUSED);
        assertThat(Failures.connect(
                        new IOException("finishConnect(..) failed with error(-104): Connection reset by peer")))
                .isEqualTo(Reason.CONNECT_REFUSED);
        assertThat(Failures.connect(
                        new ConnectException("finishConnect(..) failed with error(-110): Connection timed out")))
                .isEqualTo(Reason.CONNECT_TIMEOUT);
        assertThat(Failures.connect(new NoRouteToHostException("No route to host")))
                .isEqualTo(Reason.CONNECT_FAILED);
        assertThat(Failures.connect(new BindException("Cannot assign requested address")))
                .isEqualTo(Reason.NO_LOCAL_PORT);
        assertThat(Failures.connect(
                        new IOException("bind(..) failed with error(-98): Address already in use: /127.0.0.1:0")))
                .isEqualTo(Reason.NO_LOCAL_PORT);
        assertThat(Failures.connect(null)).isEqualTo(Reason.CONNECT_FAILED);
    }
}
