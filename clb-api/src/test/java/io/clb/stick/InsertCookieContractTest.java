package io.clb.stick;

import io.clb.contract.SessionStickerContract;
import io.clb.spi.SessionStickerFactory;
import java.time.Duration;

class InsertCookieContractTest extends SessionStickerContract {

    @Override
    protected SessionStickerFactory factory() {
        return Stickiness.insertCookie(Duration.ofMinutes(1));
    }
}
