package io.clb.l4;

import io.clb.contract.ServerDiscoveryContract;
import io.clb.spi.ServerDiscovery;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The contract, for addresses. */
class DnsDiscoveryContractTest extends ServerDiscoveryContract {

    private DnsServer dns;

    @BeforeEach
    void startServer() {
        dns = new DnsServer().addresses("app.test", 30, "127.0.0.1", "::1");
    }

    @AfterEach
    void stopServer() {
        dns.close();
    }

    @Override
    protected ServerDiscovery discovery() {
        return DnsDiscovery.addresses("app.test", 8080).nameServers(dns.address());
    }
}
