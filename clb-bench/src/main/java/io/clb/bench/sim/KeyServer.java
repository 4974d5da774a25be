package io.clb.bench.sim;

import io.clb.spi.Server;
import java.util.Map;

/** A server that exists to be picked. */
record KeyServer(String id, String host, int port, int slot, int weight, int active, Map<String, String> tags)
        implements Server {

    static KeyServer of(int slot, int weight) {
        String host = "10.1." + slot / 256 + "." + slot % 256;
        return new KeyServer(host + ":8080", host, 8_080, slot, weight, 0, Map.of());
    }
}
