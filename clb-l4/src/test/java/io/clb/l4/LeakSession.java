package io.clb.l4;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Has buffers watched and conditions looked at often from the first test of a JVM on, whichever that is. Found by JUnit through the service loader. */
public final class LeakSession implements LauncherSessionListener {

    /** Most conditions come true within milliseconds: Awaitility looks every 100, and for the first time after 100. */
    private static final Duration OFTEN = Duration.ofMillis(5);

    /** For the service loader. */
    public LeakSession() {}

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        LeakCheck.install();
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(OFTEN);
    }
}
