package io.clb.l7;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Has conditions looked at often in all tests. Found by JUnit through the service loader. */
public final class ShortPolls implements BeforeAllCallback {

    /** Most conditions come true within milliseconds: Awaitility looks every 100, and for the first time after 100. */
    private static final Duration OFTEN = Duration.ofMillis(5);

    /** For the service loader. */
    public ShortPolls() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(OFTEN);
    }
}
