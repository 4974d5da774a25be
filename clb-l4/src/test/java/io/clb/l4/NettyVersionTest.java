package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.Version;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which Netty is on the class path. */
final class NettyVersionTest {

    @TempDir
    private Path folder;

    /** A class loader that finds the version file of one Netty artifact. */
    private ClassLoader with(String version) throws IOException {
        Path file = folder.resolve("io.netty.versions.properties");
        Files.writeString(file, """
                netty-common.version=%s
                netty-common.buildDate=2025-01-01 00\\:00\\:00 +0000
                netty-common.commitDate=2025-01-01 00\\:00\\:00 +0000
                netty-common.shortCommitHash=0123456789
                netty-common.longCommitHash=0123456789012345678901234567890123456789
                netty-common.repoStatus=clean
                """.formatted(version));
        URL url = file.toUri().toURL();
        return new ClassLoader(null) {
            @Override
            public Enumeration<URL> getResources(String name) {
                return name.equals("META-INF/io.netty.versions.properties")
                        ? Collections.enumeration(List.of(url))
                        : Collections.emptyEnumeration();
            }
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"4.1.115.Final", "4.1.0", "4.0.56.Final", "3.10.6.Final"})
    void anOldOneIsRefusedWithTheCure(String version) throws Exception {
        assertThatThrownBy(() -> NettyVersion.check(with(version)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(version)
                .hasMessageContaining("netty-common")
                .hasMessageContaining("4.2")
                .hasMessageContaining("BOM")
                .hasMessageContaining("netty.version");
    }

    @ParameterizedTest
    @ValueSource(strings = {"4.2.0.Final", "4.2.18.Final", "4.10.1.Final", "5.0.0.Alpha1"})
    void aNewOneIsTaken(String version) {
        assertThatCode(() -> NettyVersion.check(with(version))).doesNotThrowAnyException();
    }

    @Test
    void theOneThatWeBuildWithIsTaken() {
        assertThatCode(() -> NettyVersion.check(Version.class.getClassLoader())).doesNotThrowAnyException();
    }
}
