package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.l4.NettyEngine;
import io.clb.l7.probe.HttpProbe;
import io.netty.channel.epoll.Epoll;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** What an application is told that has forgotten a part of the library. */
final class MissingArtifactTest {

    @Test
    void withEverythingItStarts() throws Exception {
        assertThat(startWithout()).isEqualTo("clb started");
    }

    @Test
    void withoutTheEngine() throws Exception {
        assertThat(startWithout(NettyEngine.class, HttpProbe.class))
                .isEqualTo("java.lang.IllegalStateException: no engine on the class path: add io.clb:clb-l4");
    }

    @Test
    void httpChecksWithoutHttp() throws Exception {
        assertThat(startWithout(HttpProbe.class))
                .isEqualTo(
                        "io.clb.ConfigException: serverGroup web: healthCheck: HTTP (expected: add io.clb:clb-l7 for it)");
    }

    /**
     * Runs the application with this class path, but for the artifacts that hold these classes. The thread's context class loader stays the one of
     * the tests, which has everything, and a copy of the API of its own: neither must matter.
     */
    private static String startWithout(Class<?>... missing) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(classPathWithout(missing), ClassLoader.getPlatformClassLoader())) {
            Object application = loader.loadClass(HttpCheckedApplication.class.getName())
                    .getConstructor()
                    .newInstance();
            return (String) ((Callable<?>) application).call();
        }
    }

    private static URL[] classPathWithout(Class<?>... missing) throws Exception {
        Set<Path> gone = new HashSet<>();
        // When a class loader that loaded Netty's native library is collected, the library takes the native methods
        // away from the classes of the
        // same names that the application class loader has (JNI_OnUnload finds those), and later tests have no epoll.
        gone.add(artifact(Epoll.class));
        for (Class<?> type : missing) {
            gone.add(artifact(type));
        }
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!gone.contains(Path.of(entry))) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return urls.toArray(URL[]::new);
    }

    private static Path artifact(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
