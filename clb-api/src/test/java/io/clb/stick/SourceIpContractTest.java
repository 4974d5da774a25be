package io.clb.stick;

import io.clb.contract.SessionStickerContract;
import io.clb.spi.SessionStickerFactory;
import java.time.Duration;

class SourceIpContractTest extends SessionStickerContract {

    @Override
    protected SessionStickerFactory factory() {
        return Stickiness.sourceIp(Duration.ofMinutes(1));
    }
}
