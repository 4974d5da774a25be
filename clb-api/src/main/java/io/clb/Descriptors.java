package io.clb;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How many file descriptors the system gives this process, as it was when first asked. */
final class Descriptors {

    /** What associations may take of them, unless the configuration says otherwise: three quarters are left to all else in the process. */
    private static final int PARTS = 4;

    private static final long LIMIT = limit();

    private Descriptors() {}

    /** Returns a number of flows with a descriptor each: so many, or as many as a quarter of the descriptors, one at least. */
    static int share(int most) {
        return share(most, LIMIT);
    }

    static int share(int most, long limit) {
        return (int) Math.max(1, Math.min(most, limit / PARTS));
    }

    /** Without bound where it is not known: not on a Unix, or in an image without the modules that tell. */
    private static long limit() {
        try {
            return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                    ? system.getMaxFileDescriptorCount()
                    : Long.MAX_VALUE;
        } catch (LinkageError e) {
            return Long.MAX_VALUE;
        }
    }
}
