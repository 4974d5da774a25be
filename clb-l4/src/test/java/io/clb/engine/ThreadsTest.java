package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The balancer's threads, whoever starts it. */
final class ThreadsTest {

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();

    @BeforeEach
    void beAnApplication() {
        Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[0], before));
    }

    @AfterEach
    void beATestAgain() {
        Thread.currentThread().setContextClassLoader(before);
    }

    private static void assertSound(Thread thread, String name, boolean daemon) {
        assertThat(thread.getName()).isEqualTo(name);
        assertThat(thread.isDaemon()).isEqualTo(daemon);
        assertThat(thread.getContextClassLoader())
                .as("not the class loader of the application that happened to start it")
                .isSameAs(Threads.class.getClassLoader());
    }

    @Test
    void theyAreNamedAfterTheBalancerAndHoldNobodysClassLoader() {
        for (boolean daemon : new boolean[] {true, false}) {
            Threads threads = new Threads("mine", daemon);
            assertSound(threads.newThread("control", () -> {}), "mine-control", daemon);
            assertSound(threads.newLoopThread("loop-0", () -> {}), "mine-loop-0", daemon);
            assertSound(threads.workers("blocking").newThread(() -> {}), "mine-blocking", daemon);
        }
    }
}
