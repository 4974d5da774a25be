package io.clb.stick;

import io.clb.contract.SessionStickerContract;
import io.clb.spi.SessionStickerFactory;

class RewriteCookieContractTest extends SessionStickerContract {

    @Override
    protected SessionStickerFactory factory() {
        return Stickiness.rewriteCookie("JSESSIONID");
    }
}
