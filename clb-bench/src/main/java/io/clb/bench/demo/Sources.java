package io.clb.bench.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The addresses that TCP clients come from: many, as a scheduler that hashes them would send all clients of one address to one server. On Linux all of
 * 127.0.0.0/8 is there; elsewhere 127.0.0.1 alone may be.
 *
 * @param many whether there are many
 * @param perClient how many each client has
 * @param keepPorts whether each is used with one port only
 */
record Sources(boolean many, int perClient, boolean keepPorts) {

    /** Enough that each of three servers gets some, and that one in a hundred can be told. */
    private static final int MOST = 1_024;

    private static final int MOST_PER_CLIENT = 64;

    private static final String NETWORK = "127.77.0.0/16";

    static Sources of(int clients, Promise promise) {
        return of(clients, promise, Sources::exists);
    }

    /**
     * Finds what this system has.
     *
     * @param exists tells whether an address can be used
     */
    static Sources of(int clients, Promise promise, Predicate<InetAddress> exists) {
        boolean many = exists.test(address(0));
        int perClient = many ? Math.min(MOST_PER_CLIENT, MOST / clients) : 1;
        return new Sources(many, perClient, many && promise == Promise.ADDRESS_AND_PORT_RETURN);
    }

    private static boolean exists(InetAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(address, 0));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {127, 77, (byte) (number >> 8), (byte) number});
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those of one client, by its number. */
    List<Source> of(int client) {
        if (!many) {
            return List.of(new Source(null, false));
        }
        return IntStream.range(client * perClient, (client + 1) * perClient)
                .mapToObj(number -> new Source(address(number), keepPorts))
                .toList();
    }

    /** What there is to say about so many clients' addresses. */
    String describe(int clients) {
        if (!many) {
            return "one address, as this system has none of " + NETWORK;
        }
        return String.format(
                Locale.ROOT,
                "%,d addresses of %s%s",
                clients * perClient,
                NETWORK,
                keepPorts ? ", each with a port of its own" : "");
    }
}
