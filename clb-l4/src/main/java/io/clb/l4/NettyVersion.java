package io.clb.l4;

import io.netty.util.Version;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Refuses a Netty that is too old for this library, before anything of it is used: frameworks may have pinned one without anyone noticing. */
final class NettyVersion {

    private static final int MAJOR = 4;
    private static final int MINOR = 2;

    private NettyVersion() {}

    /**
     * Looks at the Netty that a class loader finds.
     *
     * @throws IllegalStateException if it is older than 4.2; the message says how to cure that
     */
    static void check(@Nullable ClassLoader loader) {
        Map<String, Version> artifacts = Version.identify(loader);
        artifacts.values().stream()
                .filter(version -> isTooOld(version.artifactVersion()))
                .findFirst()
                .ifPresent(version -> {
                    throw new IllegalStateException("Netty " + version.artifactVersion() + " (" + version.artifactId()
                            + ") is on the class path, CLB needs 4.2 or later: import io.clb:clb as a BOM before your framework's,"
                            + " or set its version of Netty (with Spring Boot: the property netty.version)");
                });
    }

    private static boolean isTooOld(String version) {
        String[] parts = version.split("\\.", 3);
        int major = number(parts, 0);
        int minor = number(parts, 1);
        return major < MAJOR || (major == MAJOR && minor < MINOR);
    }

    private static int number(String[] parts, int index) {
        boolean digits = index < parts.length
                && !parts[index].isEmpty()
                && parts[index].length() < 6
                && parts[index].chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Integer.parseInt(parts[index]) : 0;
    }
}
