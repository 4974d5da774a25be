package io.clb.l7;

import io.clb.TlsCertificate;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** An authority, the certificates that it signs, as files, and clients that trust it. */
final class Pki {

    static final CertificateBuilder.Algorithm RSA = CertificateBuilder.Algorithm.rsa2048;
    static final CertificateBuilder.Algorithm EC = CertificateBuilder.Algorithm.ecp256;

    private static final int TIMEOUT_MILLIS = 10_000;

    private final Path directory;
    private final X509Bundle authority;
    private final SSLContext clients;

    Pki(Path directory) throws Exception {
        this.directory = directory;
        authority = new CertificateBuilder()
                .subject("CN=the tests' authority")
                .algorithm(EC)
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        clients = trusting(null);
    }

    private SSLContext trusting(KeyManager @Nullable [] keys) throws Exception {
        SSLContext made = SSLContext.getInstance("TLS");
        made.init(keys, authority.toTrustManagerFactory().getTrustManagers(), null);
        return made;
    }

    /** The authority's own certificate, in a file. */
    Path authorities() throws IOException {
        return Files.writeString(chain("authorities"), authority.getCertificatePEM());
    }

    /** A certificate for clients, signed by the authority or by itself. */
    X509Bundle forClients(String name, boolean signed) throws Exception {
        CertificateBuilder builder = new CertificateBuilder()
                .subject("CN=" + name + ", O=Clients")
                .algorithm(EC)
                .addExtendedKeyUsageClientAuth();
        return signed
                ? builder.buildIssuedBy(authority)
                : builder.setIsCertificateAuthority(true).buildSelfSigned();
    }

    /** Clients that show it whenever they are asked for one, whoever is to have signed it. */
    SSLContext showing(X509Bundle certificate) throws Exception {
        return trusting(new KeyManager[] {new Insisting(certificate)});
    }

    private static final class Insisting extends X509ExtendedKeyManager {

        private final X509Bundle shown;

        Insisting(X509Bundle shown) {
            this.shown = shown;
        }

        @Override
        public String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return "any";
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return shown.getCertificatePath();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return shown.getKeyPair().getPrivate();
        }

        @Override
        public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
            return new String[] {"any"};
        }

        @Override
        public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }

    /** A certificate for hosts, and its key, in files of that name. */
    TlsCertificate certificate(String file, CertificateBuilder.Algorithm algorithm, String... hosts) throws Exception {
        CertificateBuilder builder =
                new CertificateBuilder().subject("CN=" + hosts[0]).algorithm(algorithm);
        for (String host : hosts) {
            // that of a wildcard is no name for the builder: it stands in the subject only
            if (!host.startsWith("*")) {
                builder.addSanDnsName(host);
            }
        }
        X509Bundle made = builder.buildIssuedBy(authority);
        Files.writeString(chain(file), made.getCertificatePathPEM());
        Files.writeString(key(file), made.getPrivateKeyPEM());
        return TlsCertificate.pem(chain(file), key(file));
    }

    Path chain(String file) {
        return directory.resolve(file + ".pem");
    }

    Path key(String file) {
        return directory.resolve(file + ".key");
    }

    SSLContext clients() {
        return clients;
    }

    /** A client that names a host, and checks that the certificate is for it; not shaken hands yet. */
    SSLSocket client(int port, String host) throws IOException {
        return client(clients, port, host);
    }

    /** The same, of a context. */
    static SSLSocket client(SSLContext context, int port, String host) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), port), host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(host)));
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }
}
