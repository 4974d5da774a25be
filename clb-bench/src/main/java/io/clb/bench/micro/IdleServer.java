package io.clb.bench.micro;

import io.clb.spi.Server;
import java.util.Map;

/** A server that nobody connects to. */
record IdleServer(String id, String host, int port, int slot, int weight, int active, Map<String, String> tags)
        implements Server {

    static IdleServer of(int index, int weight) {
        String host = "10." + (index >> 16) + "." + (index >> 8 & 0xff) + "." + (index & 0xff);
        return new IdleServer(host + ":80", host, 80, index, weight, 0, Map.of());
    }
}
