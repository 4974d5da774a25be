package io.clb;

/** Who does the work of TLS. */
public enum TlsProvider {
    /** BoringSSL or OpenSSL where netty-tcnative is on the class path and can be loaded, which is faster, and each name has one certificate; else the JDK. */
    AUTO,
    /** The JDK's own, as the application has set it up. */
    JDK
}
