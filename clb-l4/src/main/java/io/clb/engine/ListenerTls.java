package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.Options;
import io.clb.TlsConfig;
import io.clb.TlsState;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A listener's TLS, ready for handshakes: a context for each certificate, which has the sessions that clients may resume. Immutable but for these; made on the caller's thread, read by any loop.
 */
final class ListenerTls {

    private final TlsConfig config;
    private final List<Keys> keys;
    private final List<X509Certificate> authorities;
    private final SslContext standard;
    private final Map<String, SslContext> byName;
    private final TlsState state;

    /** What was read for one name, the empty one for the default. */
    record Keys(String name, List<KeyStore.PrivateKeyEntry> entries) {

        boolean isSame(Keys other) {
            if (!name.equals(other.name) || entries.size() != other.entries.size()) {
                return false;
            }
            for (int i = 0; i < entries.size(); i++) {
                if (!Arrays.equals(
                        entries.get(i).getCertificateChain(),
                        other.entries.get(i).getCertificateChain())) {
                    return false;
                }
            }
            return true;
        }
    }

    ListenerTls(
            TlsConfig config,
            List<Keys> keys,
            List<X509Certificate> authorities,
            SslContext standard,
            Map<String, SslContext> byName,
            TlsState state) {
        this.config = config;
        this.keys = List.copyOf(keys);
        this.authorities = authorities;
        this.standard = standard;
        this.byName = Map.copyOf(byName);
        this.state = state;
    }

    /** Whether it is what would be made again of a configuration and of what its files have in them. */
    boolean isMadeOf(TlsConfig wanted, List<Keys> read, List<X509Certificate> trusted) {
        if (!config.equals(wanted) || !authorities.equals(trusted) || keys.size() != read.size()) {
            return false;
        }
        for (int i = 0; i < keys.size(); i++) {
            if (!keys.get(i).isSame(read.get(i))) {
                return false;
            }
        }
        return true;
    }

    TlsState state() {
        return state;
    }

    long handshakeNanos() {
        return config.get(Options.TLS_HANDSHAKE_TIMEOUT).toNanos();
    }

    /** Whether clients are asked for certificates. */
    boolean asksClients() {
        return config.clientCertificates() != null;
    }

    /** Whether it matters which host a client names. */
    boolean hasNames() {
        return !byName.isEmpty();
    }

    /** What clients get that name no host. */
    SslContext standard() {
        return standard;
    }

    /**
     * What a client gets.
     *
     * @param host what it names, in small letters; null if it names none
     */
    SslContext of(@Nullable String host) {
        if (host == null) {
            return standard;
        }
        SslContext exact = byName.get(host);
        if (exact != null) {
            return exact;
        }
        int dot = host.indexOf('.');
        SslContext wildcard = dot > 0 ? byName.get("*" + host.substring(dot)) : null;
        return wildcard == null ? standard : wildcard;
    }

    /** What does the handshake of one client, and encrypts and decrypts from then on. */
    static SslHandler handler(SslContext context, ByteBufAllocator allocator) {
        SslHandler handler = requireNonNull(context.newHandler(allocator));
        // The loop's own timer has the handshake's end.
        handler.setHandshakeTimeoutMillis(0);
        return handler;
    }
}
