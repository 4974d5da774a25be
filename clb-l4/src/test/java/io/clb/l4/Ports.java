package io.clb.l4;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of loopback, for tests that need to know one beforehand. */
public final class Ports {

    /** Below the ports that Linux gives to clients, so that none of those takes it meanwhile. */
    private static final int FIRST = 10_000;

    private static final int END = 32_000;

    private Ports() {}

    /** A port that was free a moment ago, at every address. */
    public static int free() {
        int port;
        do {
            port = ThreadLocalRandom.current().nextInt(FIRST, END);
        } while (!isFree(new InetSocketAddress(port)));
        return port;
    }

    /** Tells whether nobody listens on a port. */
    public static boolean isFree(int port) {
        return isFree(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private static boolean isFree(InetSocketAddress address) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(address, 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
