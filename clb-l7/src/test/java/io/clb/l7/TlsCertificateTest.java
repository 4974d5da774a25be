package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clb.TlsCertificate;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.CertificateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read from files, and what is not. */
final class TlsCertificateTest {

    private static final char[] PASSWORD = "a secret".toCharArray();

    @TempDir
    Path files;

    private static X509Bundle signed(CertificateBuilder.Algorithm algorithm) throws Exception {
        return new CertificateBuilder()
                .subject("CN=www.example.org")
                .algorithm(algorithm)
                .buildIssuedBy(new CertificateBuilder()
                        .subject("CN=an authority")
                        .algorithm(Pki.EC)
                        .setIsCertificateAuthority(true)
                        .buildSelfSigned());
    }

    private Path store(KeyStore store) throws Exception {
        Path file = files.resolve("keys.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD);
        }
        return file;
    }

    private static KeyStore empty() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private TlsCertificate pem(String chain, X509Bundle bundle) throws Exception {
        return TlsCertificate.pem(
                Files.writeString(files.resolve("chain.pem"), chain),
                Files.writeString(files.resolve("key.pem"), bundle.getPrivateKeyPEM()));
    }

    @Test
    void aChainOfPemComesInItsOrder() throws Exception {
        X509Bundle bundle = signed(Pki.RSA);
        String chain = bundle.getCertificatePEM() + bundle.getRootCertificatePEM();
        KeyStore.PrivateKeyEntry entry = pem(chain, bundle).load();
        assertThat(entry.getCertificateChain()).containsExactly(bundle.getCertificatePathWithRoot());
        assertThat(entry.getPrivateKey()).isEqualTo(bundle.getKeyPair().getPrivate());
    }

    @Test
    void aChainThatIsOutOfOrderIsRefused() throws Exception {
        X509Bundle bundle = signed(Pki.EC);
        X509Bundle stranger = signed(Pki.EC);
        TlsCertificate wrong = pem(bundle.getCertificatePEM() + stranger.getCertificatePEM(), bundle);
        assertThatThrownBy(wrong::load)
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining(
                        "certificate 2 is CN=www.example.org (expected: the issuer of the one before it, CN=an authority)");
    }

    @Test
    void aKeyStoreHasOneKey() throws Exception {
        X509Bundle bundle = signed(Pki.RSA);
        KeyStore store = empty();
        store.setKeyEntry("one", bundle.getKeyPair().getPrivate(), PASSWORD, bundle.getCertificatePathWithRoot());
        TlsCertificate one = TlsCertificate.keyStore(store(store), "a secret");
        assertThat(one.load().getCertificate()).isEqualTo(bundle.getCertificate());
        store.setKeyEntry("two", bundle.getKeyPair().getPrivate(), PASSWORD, bundle.getCertificatePathWithRoot());
        TlsCertificate two = TlsCertificate.keyStore(store(store), "a secret");
        assertThatThrownBy(two::load)
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("several private keys");
        TlsCertificate none = TlsCertificate.keyStore(store(empty()), "a secret");
        assertThatThrownBy(none::load).isInstanceOf(KeyStoreException.class).hasMessageContaining("no private key");
        TlsCertificate locked = TlsCertificate.keyStore(store(store), "another");
        assertThatThrownBy(locked::load)
                .isInstanceOf(KeyStoreException.class)
                .hasMessageContaining("keys.p12 cannot be opened")
                .hasMessageNotContaining("another");
        TlsCertificate missing = TlsCertificate.keyStore(files.resolve("none.p12"), "a secret");
        assertThatThrownBy(missing::load).isInstanceOf(NoSuchFileException.class);
        assertThat(locked.toString()).doesNotContain("another");
    }
}
