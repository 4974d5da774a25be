package io.clb;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A certificate with its private key and the chain up to its authority: of files in PEM, or of a key store. Immutable; it names files, whose contents are read when
 * a configuration is applied, and read again with each update.
 *
 * <p>Keys are RSA of 2048 bits and more, or EC on P-256, P-384 or P-521. In PEM they may be PKCS#8, encrypted or not, PKCS#1 ({@code RSA PRIVATE KEY}) or SEC 1 ({@code EC PRIVATE KEY}).
 */
public final class TlsCertificate {

    private static final int LEAST_RSA_BITS = 2_048;

    private final Path chain;
    private final @Nullable Path key;
    private final String password;

    private TlsCertificate(Path chain, @Nullable Path key, String password) {
        this.chain = chain;
        this.key = key;
        this.password = password;
    }

    /**
     * Names files in PEM.
     *
     * @param chain the certificate, and behind it those of authorities between it and the root
     * @param key its private key
     * @return the certificate
     */
    public static TlsCertificate pem(Path chain, Path key) {
        return pem(chain, key, "");
    }

    /**
     * Names files in PEM, of which the key is encrypted.
     *
     * @param chain the certificate, and behind it those of authorities between it and the root
     * @param key its private key, as {@code ENCRYPTED PRIVATE KEY}
     * @param password of the key; never shown
     * @return the certificate
     */
    public static TlsCertificate pem(Path chain, Path key, String password) {
        return new TlsCertificate(
                requireNonNull(chain, "chain"), requireNonNull(key, "key"), requireNonNull(password, "password"));
    }

    /**
     * Names a key store: PKCS#12, or whatever the JDK can open.
     *
     * @param file the store, with one private key in it
     * @param password of the store and of the key; never shown
     * @return the certificate
     */
    public static TlsCertificate keyStore(Path file, String password) {
        return new TlsCertificate(requireNonNull(file, "file"), null, requireNonNull(password, "password"));
    }

    /**
     * Reads the files. Blocks.
     *
     * @return the key and its chain, which belong together
     * @throws IOException if a file cannot be read
     * @throws GeneralSecurityException if there is no certificate or key in it, the key is not the certificate's, or either is of a kind that is not served; the message says which
     */
    public KeyStore.PrivateKeyEntry load() throws IOException, GeneralSecurityException {
        KeyStore.PrivateKeyEntry entry = key == null ? fromStore() : fromPem(key);
        X509Certificate[] certificates =
                Arrays.copyOf(entry.getCertificateChain(), entry.getCertificateChain().length, X509Certificate[].class);
        PemKeys.checkKind(certificates[0].getPublicKey(), chain, LEAST_RSA_BITS);
        PemKeys.checkPair(entry.getPrivateKey(), certificates[0].getPublicKey(), chain + " and " + keyFile());
        for (int i = 1; i < certificates.length; i++) {
            if (!certificates[i - 1].getIssuerX500Principal().equals(certificates[i].getSubjectX500Principal())) {
                throw new CertificateException("in " + chain + " certificate " + (i + 1) + " is "
                        + certificates[i].getSubjectX500Principal() + " (expected: the issuer of the one before it, "
                        + certificates[i - 1].getIssuerX500Principal() + ")");
            }
        }
        return entry;
    }

    private Path keyFile() {
        return key == null ? chain : key;
    }

    private KeyStore.PrivateKeyEntry fromPem(Path keyFile) throws IOException, GeneralSecurityException {
        X509Certificate[] certificates = PemKeys.chain(chain);
        PrivateKey read = PemKeys.key(keyFile, password);
        return new KeyStore.PrivateKeyEntry(read, certificates);
    }

    private KeyStore.PrivateKeyEntry fromStore() throws IOException, GeneralSecurityException {
        if (!Files.exists(chain)) {
            throw new NoSuchFileException(chain.toString());
        }
        KeyStore store;
        try {
            store = KeyStore.getInstance(chain.toFile(), password.toCharArray());
        } catch (IOException | GeneralSecurityException e) {
            throw new KeyStoreException(chain + " cannot be opened: " + e.getMessage(), e);
        }
        KeyStore.PrivateKeyEntry found = null;
        for (String alias : Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias)) {
                if (found != null) {
                    throw new KeyStoreException(chain + " has several private keys (expected: one)");
                }
                found = (KeyStore.PrivateKeyEntry)
                        store.getEntry(alias, new KeyStore.PasswordProtection(password.toCharArray()));
            }
        }
        if (found == null) {
            throw new KeyStoreException(chain + " has no private key (expected: one)");
        }
        for (Certificate certificate : found.getCertificateChain()) {
            if (!(certificate instanceof X509Certificate)) {
                throw new KeyStoreException(
                        chain + " has a certificate of type " + certificate.getType() + " (expected: X.509)");
            }
        }
        return found;
    }

    /** {@return the files that it is read from} */
    public List<Path> files() {
        return key == null ? List.of(chain) : List.of(chain, key);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TlsCertificate that
                && chain.equals(that.chain)
                && Objects.equals(key, that.key)
                && password.equals(that.password);
    }

    @Override
    public int hashCode() {
        return Objects.hash(chain, key, password);
    }

    /** Shows the files, never the password. */
    @Override
    public String toString() {
        return key == null ? chain.toString() : chain + " with " + key;
    }
}
