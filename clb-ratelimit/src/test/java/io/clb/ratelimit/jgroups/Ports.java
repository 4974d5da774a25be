package io.clb.ratelimit.jgroups;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/** Ports that are free, as JGroups must be told them before it listens. */
public final class Ports {

    private static final int DETECTION_OFFSET = 100;

    private Ports() {}

    /** So many, each free together with the one for failure detection. */
    public static int[] free(int count) throws IOException {
        Set<Integer> found = new HashSet<>();
        while (found.size() < count) {
            try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                int port = one.getLocalPort();
                if (isFree(port + DETECTION_OFFSET)) {
                    found.add(port);
                }
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean isFree(int port) {
        try (ServerSocket other = new ServerSocket()) {
            other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false; // taken, or beyond the last port
        }
    }
}
