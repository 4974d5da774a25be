package io.clb.stick;

import io.clb.spi.CookiePrefix;
import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.HttpFlow;
import io.clb.spi.Server;
import io.clb.spi.SessionSticker;
import org.jspecify.annotations.Nullable;

/** Cookies of the servers', with a mark of ours before their values. Clients do the remembering. */
final class RewriteCookieSticker implements SessionSticker, CookiePrefix {

    /** Behind the mark: a letter of cookies that no mark has. */
    private static final char END = '~';

    private final String name;
    private final StickyKeys keys;
    private final ServerMarks marks;

    RewriteCookieSticker(String name, StickyKeys keys, GroupView eligible) {
        this.name = name;
        this.keys = keys;
        this.marks = new ServerMarks(keys, eligible, "", String.valueOf(END));
    }

    StickyKeys keys() {
        return keys;
    }

    @Override
    public @Nullable Server recall(Flow flow, long nowNanos) {
        CharSequence value = flow instanceof HttpFlow request ? request.cookie(name) : null;
        int length = value == null ? 0 : length(value);
        if (value == null || length == 0) {
            return null;
        }
        Server server = marks.find(value, length - 1);
        return server == null || flow.tried(server) ? null : server;
    }

    @Override
    public CookiePrefix cookiePrefix() {
        return this;
    }

    @Override
    public String cookieName() {
        return name;
    }

    @Override
    public @Nullable String of(Server server) {
        ServerMarks.Mark mark = marks.of(server);
        return mark == null ? null : mark.text();
    }

    /** By its form alone: what an old key has signed, or names a server that is gone, is no word of the server's either. */
    @Override
    public int length(CharSequence value) {
        int length = CookieTable.LENGTH;
        if (value.length() <= length || value.charAt(length) != END) {
            return 0;
        }
        for (int i = 0; i < length; i++) {
            if (CookieTable.digit(value.charAt(i)) < 0) {
                return 0;
            }
        }
        return length + 1;
    }

    /** Nothing to do: the client remembers. */
    @Override
    public void remember(Flow flow, Server server, long nowNanos) {}
}
