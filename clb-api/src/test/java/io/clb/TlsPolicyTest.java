package io.clb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TlsPolicyTest {

    @ParameterizedTest
    @CsvSource({
        "ECDHE-RSA-AES128-GCM-SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "ECDHE-RSA-AES128-SHA256, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
        "ECDHE-RSA-AES256-SHA, TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        "ECDHE-RSA-CHACHA20-POLY1305, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        "AES128-GCM-SHA256, TLS_RSA_WITH_AES_128_GCM_SHA256",
        "AES256-SHA256, TLS_RSA_WITH_AES_256_CBC_SHA256",
        "DES-CBC3-SHA, TLS_RSA_WITH_3DES_EDE_CBC_SHA",
        "TLS_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256"
    })
    void suitesAreKnownByBothNames(String openSsl, String iana) {
        assertThat(TlsPolicy.ianaName(openSsl)).isEqualTo(iana);
    }

    @Test
    void whatIsNoSuiteHasNoName() {
        for (String name :
                List.of("", "AES128", "ECDHE-AES128-SHA", "DHE-RSA-AES128-SHA", "RC4-SHA", "tls_aes", "NULL")) {
            assertThat(TlsPolicy.ianaName(name)).isNull();
        }
    }

    /** PRODUCT.md, A11; ALB and NLB have the ECDSA twins, and so have these. */
    @Test
    void thoseOfTheProductHaveItsVersionsAndSuites() {
        assertThat(TlsPolicy.TLS_1_0.name()).isEqualTo("tls_cipher_policy_1_0");
        assertThat(TlsPolicy.TLS_1_0.versions()).containsExactly("TLSv1", "TLSv1.1", "TLSv1.2");
        assertThat(TlsPolicy.TLS_1_1.versions()).containsExactly("TLSv1.1", "TLSv1.2");
        assertThat(TlsPolicy.TLS_1_2.versions()).containsExactly("TLSv1.2");
        assertThat(TlsPolicy.TLS_1_2.suites()).hasSize(13 + 6).isEqualTo(TlsPolicy.TLS_1_0.suites());
        assertThat(TlsPolicy.TLS_1_2_STRICT.suites()).hasSize(12).allMatch(suite -> suite.startsWith("TLS_ECDHE_"));
        assertThat(TlsPolicy.TLS_1_2_STRICT_WITH_1_3.versions()).containsExactly("TLSv1.2", "TLSv1.3");
        assertThat(TlsPolicy.TLS_1_2_STRICT_WITH_1_3.suites()).hasSize(5 + 12);
    }

    @Test
    void theDefaultHasForwardSecrecyAndAuthenticatedEncryptionOnly() throws Exception {
        assertThat(TlsPolicy.MODERN.suites())
                .allMatch(suite -> suite.contains("_GCM_") || suite.contains("_POLY1305_"))
                .allMatch(suite -> !suite.contains("_WITH_") || suite.startsWith("TLS_ECDHE_"));
        assertThat(Arrays.asList(
                        SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites()))
                .containsAll(TlsPolicy.MODERN.suites());
    }
}
