package io.clb.stick;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.HttpFlow;
import io.clb.spi.Server;
import io.clb.spi.SessionSticker;
import org.jspecify.annotations.Nullable;

/** Cookies of our own. Clients do the remembering. */
final class InsertCookieSticker implements SessionSticker {

    private static final int FOUND = 302;

    /** Names no server. */
    private static final String NOBODY = "-";

    private final String name;
    private final String ofNobody;
    private final StickyKeys keys;
    private final boolean productStatuses;
    private final ServerMarks marks;

    InsertCookieSticker(String name, long maxAgeSeconds, StickyKeys keys, boolean productStatuses, GroupView eligible) {
        this.name = name;
        this.keys = keys;
        this.productStatuses = productStatuses;
        String attributes = "; Path=/; HttpOnly; Max-Age=" + maxAgeSeconds;
        this.ofNobody = name + "=" + NOBODY + attributes;
        this.marks = new ServerMarks(keys, eligible, name + "=", attributes);
    }

    StickyKeys keys() {
        return keys;
    }

    @Override
    public @Nullable Server recall(Flow flow, long nowNanos) {
        CharSequence value = flow instanceof HttpFlow request ? request.cookie(name) : null;
        Server server = value == null ? null : marks.find(value);
        return server == null || flow.tried(server) ? null : server;
    }

    @Override
    public @Nullable String setCookie(HttpFlow flow, Server server, int status) {
        ServerMarks.Mark mark = marks.of(server);
        if (mark == null) {
            return null;
        }
        if (productStatuses && status == FOUND) {
            return ofNobody;
        }
        if (productStatuses && status >= 400 && status < 500) {
            return null;
        }
        CharSequence carried = flow.cookie(name);
        // Compared as it comes: whoever measures the time is told the value anyway.
        return carried != null && mark.value().contentEquals(carried) ? null : mark.text();
    }

    /** Nothing to do: the client remembers. */
    @Override
    public void remember(Flow flow, Server server, long nowNanos) {}
}
