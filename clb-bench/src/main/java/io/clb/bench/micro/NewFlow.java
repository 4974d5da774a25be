package io.clb.bench.micro;

import io.clb.spi.HttpFlow;
import io.clb.spi.Server;
import org.jspecify.annotations.Nullable;

/** A flow that has tried no server yet; seen as a request, one with a single cookie of any name, or with none. */
record NewFlow(
        int loop,
        String listener,
        long sourceHigh,
        long sourceLow,
        int sourcePort,
        long destinationHigh,
        long destinationLow,
        int destinationPort,
        @Nullable CharSequence cookie)
        implements HttpFlow {

    static NewFlow first() {
        return withCookie(null);
    }

    static NewFlow withCookie(@Nullable CharSequence value) {
        return new NewFlow(0, "bench", 0, 0xffff_0a00_0001L, 40_000, 0, 0xffff_0a00_0002L, 80, value);
    }

    @Override
    public boolean tried(Server server) {
        return false;
    }

    @Override
    public CharSequence method() {
        return "GET";
    }

    @Override
    public CharSequence path() {
        return "/";
    }

    @Override
    public @Nullable CharSequence query() {
        return null;
    }

    @Override
    public @Nullable CharSequence host() {
        return "bench";
    }

    @Override
    public @Nullable CharSequence header(String lowerCaseName) {
        return null;
    }

    @Override
    public @Nullable CharSequence cookie(String name) {
        return cookie;
    }
}
