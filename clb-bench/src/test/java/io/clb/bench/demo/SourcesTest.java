package io.clb.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where the demo's TCP clients come from, on systems that have all of 127.0.0.0/8 and on those that do not. */
final class SourcesTest {

    private static Sources of(int clients, Promise promise) {
        return Sources.of(clients, promise, address -> true);
    }

    private static Set<String> names(Sources sources, int clients) {
        Set<String> names = new HashSet<>();
        for (int client = 0; client < clients; client++) {
            sources.of(client).forEach(source -> names.add(source.name()));
        }
        return names;
    }

    @Test
    void eachClientHasAddressesOfItsOwn() {
        assertThat(names(of(1, Promise.SHARES), 1)).hasSize(64);
        assertThat(names(of(16, Promise.SHARES), 16)).hasSize(1_024);
        assertThat(names(of(256, Promise.SHARES), 256)).hasSize(1_024);
        assertThat(of(16, Promise.SHARES).describe(16)).isEqualTo("1,024 addresses of 127.77.0.0/16");
    }

    @Test
    void whereTheSystemHasOneAddressAllComeFromThatAndItIsSaid() {
        Sources one = Sources.of(16, Promise.ADDRESS_AND_PORT_RETURN, address -> false);
        assertThat(one.many()).isFalse();
        assertThat(names(one, 16)).containsExactly("any");
        assertThat(one.describe(16)).isEqualTo("one address, as this system has none of 127.77.0.0/16");
    }

    /** Connects twice; the client's name before, between and after, and the server's view of it. */
    private static List<String> connectedTwiceFrom(Source source) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
            String first = connectedFrom(source, server);
            return List.of(first, source.name(), connectedFrom(source, server));
        }
    }

    /** The server ends it, so that the client may come back from where it was. */
    private static String connectedFrom(Source source, ServerSocket server) throws IOException {
        try (Socket socket = source.open()) {
            socket.connect(server.getLocalSocketAddress());
            String seen;
            try (Socket accepted = server.accept()) {
                seen = accepted.getInetAddress().getHostAddress() + ":" + accepted.getPort();
            }
            assertThat(socket.getInputStream().read()).isNegative();
            return seen;
        }
    }

    @Test
    void aSourceThatKeepsItsPortIsTheSameEachTime() throws IOException {
        Source source = new Source(InetAddress.getLoopbackAddress(), true);
        List<String> seen = connectedTwiceFrom(source);
        assertThat(Set.copyOf(seen)).hasSize(1);
        source.failed();
        assertThat(source.name()).isEqualTo("127.0.0.1:0");
    }

    @Test
    void aSourceThatDoesNotIsKnownByItsAddress() throws IOException {
        Source source = new Source(InetAddress.getLoopbackAddress(), false);
        List<String> seen = connectedTwiceFrom(source);
        assertThat(seen.get(1)).isEqualTo("127.0.0.1");
        assertThat(seen.get(0)).startsWith("127.0.0.1:");
    }
}
