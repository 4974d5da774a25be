package io.clb.l4;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of loopback, for tests that need to know one beforehand. */
public final class Ports {

    /** Below the ports that Linux gives to clients, so that none of those takes it meanwhile. */
    private static final int FIRST = 10_000;

    private static final int END = 32_000;

    private Ports() {}

    /** A port that was free a moment ago. */
    public static int free() {
        int port;
        do {
            port = ThreadLocalRandom.current().nextInt(FIRST, END);
        } while (!isFree(port));
        return port;
    }

    /** Tells whether nobody listens on a port. */
    public static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
