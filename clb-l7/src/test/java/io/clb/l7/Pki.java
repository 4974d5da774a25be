package io.clb.l7;

import io.clb.TlsCertificate;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

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
        clients = SSLContext.getInstance("TLS");
        clients.init(null, authority.toTrustManagerFactory().getTrustManagers(), null);
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
        SSLSocket socket = (SSLSocket) clients.getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), port), host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(host)));
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }
}
