package io.clb.l4;

import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Has buffers watched from the first test of a JVM on, whichever that is. Found by JUnit through the service loader. */
public final class LeakSession implements LauncherSessionListener {

    /** For the service loader. */
    public LeakSession() {}

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        LeakCheck.install();
    }
}
