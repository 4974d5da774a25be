package io.clb.l4;

import static java.util.Objects.requireNonNull;

import io.clb.spi.ServerDiscovery;
import io.clb.spi.ServerDiscoveryFactory;

/**
 * Makes a {@link DnsDiscovery} out of text, by the name {@code "dns"}: {@code "app.example.com:8080"} for addresses, {@code "app.example.com"} for addresses and the
 * port that the client reached, {@code "srv:_http._tcp.example.com"} for services.
 */
public final class DnsDiscoveryFactory implements ServerDiscoveryFactory {

    private static final String SRV = "srv:";

    /** For the service loader. */
    public DnsDiscoveryFactory() {}

    @Override
    public String name() {
        return DnsDiscovery.NAME;
    }

    @Override
    public ServerDiscovery create(String target) {
        if (requireNonNull(target, "target").startsWith(SRV)) {
            return DnsDiscovery.srv(target.substring(SRV.length()));
        }
        int colon = target.lastIndexOf(':');
        return colon < 0
                ? DnsDiscovery.addresses(target)
                : DnsDiscovery.addresses(target.substring(0, colon), port(target, target.substring(colon + 1)));
    }

    private static int port(String target, String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("target: " + target + " (expected: name:port, name, or srv:name)", e);
        }
    }
}
