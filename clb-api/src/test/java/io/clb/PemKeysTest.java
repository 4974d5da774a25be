package io.clb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Private keys in the forms that there are. Those that the JDK cannot write are in its own: what stands in them is cut out. */
final class PemKeysTest {

    @TempDir
    Path files;

    private static KeyPair rsa(int bits) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static KeyPair ec(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private Path file(String kind, byte[] der) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                files.resolve("key.pem"),
                "some text\n-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
    }

    /** The last octet string of a key in PKCS#8, whose length takes so many bytes. */
    private static byte[] inner(PrivateKey key, int header) {
        return Arrays.copyOfRange(key.getEncoded(), header, key.getEncoded().length);
    }

    @Test
    void inPkcs8() throws Exception {
        for (KeyPair pair : new KeyPair[] {rsa(2_048), ec("secp256r1"), ec("secp384r1"), ec("secp521r1")}) {
            Path file = file("PRIVATE KEY", pair.getPrivate().getEncoded());
            assertThat(PemKeys.key(file, "")).isEqualTo(pair.getPrivate());
            PemKeys.checkPair(PemKeys.key(file, ""), pair.getPublic(), "these");
            PemKeys.checkKind(pair.getPublic(), file, 2_048);
        }
    }

    /** As OpenSSL writes it: PBES2 with PBKDF2, HMAC of SHA-256 and AES-256. */
    @Test
    void encryptedInPkcs8() throws Exception {
        Path file = Files.writeString(files.resolve("key.pem"), """
                -----BEGIN ENCRYPTED PRIVATE KEY-----
                MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgf1pU2a1J8TwICCAAw
                DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEENGT9hCc0a1Etj/jQa+fgKsEgZBq
                0gMwP/f8YS4/C+Kx4sJDnCua1lwKZxWi+lEJrPr82KsTyDL7bSV+P8DW4v37eXIp
                qHM0faitW1Adp7NbOyx3HrUjnRQ9KMqkebCb9iESqqljZOqA7qTN7Hk5G36j+IDb
                Iy8uTYmhTJxZ1bqPXlJzDohrlcenyGTzMtz7LdAAGkvei972uHlND9hTcmeaDD4=
                -----END ENCRYPTED PRIVATE KEY-----
                """);
        assertThat(PemKeys.key(file, "secret").getAlgorithm()).isEqualTo("EC");
        assertThatThrownBy(() -> PemKeys.key(file, "wrong"))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("cannot be read with this password")
                .hasMessageNotContaining("wrong");
        assertThatThrownBy(() -> PemKeys.key(file, ""))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("it is encrypted (expected: a password)");
    }

    @Test
    void inPkcs1() throws Exception {
        KeyPair pair = rsa(2_048);
        assertThat(PemKeys.key(file("RSA PRIVATE KEY", inner(pair.getPrivate(), 26)), ""))
                .isEqualTo(pair.getPrivate());
    }

    /** As OpenSSL writes it, with the curve in it, which the JDK leaves out there. */
    @Test
    void inSec1() throws Exception {
        Path file = Files.writeString(files.resolve("key.pem"), """
                -----BEGIN EC PARAMETERS-----
                BggqhkjOPQMBBw==
                -----END EC PARAMETERS-----
                -----BEGIN EC PRIVATE KEY-----
                MHcCAQEEINPbLoUmca8u/nJTf4n2SNREUJ8n9Mwx7sPcGBGhvf6IoAoGCCqGSM49
                AwEHoUQDQgAEHKtGiLVDI9/sVYt6IH3fPumRdfEezl9+pVrqFiHfuWuqhid3+Gly
                W76rQLm4cz+7qFoH1BScbYd4/Jd00Fwx1g==
                -----END EC PRIVATE KEY-----
                """);
        assertThat(PemKeys.key(file, "").getAlgorithm()).isEqualTo("EC");
        assertThatThrownBy(() -> PemKeys.key(file("EC PRIVATE KEY", new byte[] {0x30, 3, 2, 1, 1}), ""))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("it does not name its curve");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"})
    void whatIsCutOffIsNamed(String kind) throws Exception {
        byte[] whole = ec("secp256r1").getPrivate().getEncoded();
        for (int length = 0; length < whole.length; length++) {
            Path file = file(kind, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> PemKeys.key(file, "secret"))
                    .isInstanceOf(InvalidKeyException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    @Test
    void theOldEncryptionIsNamedWithItsCure() throws Exception {
        Path file = Files.writeString(
                files.resolve("key.pem"),
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        assertThatThrownBy(() -> PemKeys.key(file, "secret")).hasMessageContaining("openssl pkcs8 -topk8 converts it");
    }

    @Test
    void keysThatDoNotBelongTogetherOrAreTooWeakAreRefused() throws Exception {
        KeyPair rsa = rsa(1_024);
        KeyPair ec = ec("secp256r1");
        assertThatThrownBy(() -> PemKeys.checkPair(ec.getPrivate(), rsa.getPublic(), "a and b"))
                .hasMessageContaining("a and b do not belong together");
        assertThatThrownBy(() -> PemKeys.checkPair(ec("secp256r1").getPrivate(), ec.getPublic(), "a and b"))
                .hasMessageContaining("a and b do not belong together");
        assertThatThrownBy(() -> PemKeys.checkKind(rsa.getPublic(), files, 2_048))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining("has a key of RSA (expected: RSA of 2048 bits or more");
    }

    @Test
    void filesThatAreNoKeysAreNotRead() throws Exception {
        Path huge = files.resolve("huge.pem");
        Files.write(huge, new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> PemKeys.key(huge, ""))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1 MiB at most");
    }
}
