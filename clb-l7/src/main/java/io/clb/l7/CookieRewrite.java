package io.clb.l7;

import io.clb.engine.Pool;
import io.clb.engine.Traffic;
import io.clb.spi.CookiePrefix;
import io.clb.spi.Server;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes a sticker's prefix before the values of a cookie that a server sets, and takes it off again. What a prefix throws is told of, and leaves the value as it is. */
final class CookieRewrite {

    private final CookiePrefix prefix;
    private final Traffic traffic;
    private final Server server;
    private final String name;

    private CookieRewrite(CookiePrefix prefix, Server server, Traffic traffic) {
        this.prefix = prefix;
        this.server = server;
        this.traffic = traffic;
        this.name = prefix.cookieName();
    }

    /** That of a pool's sticker, for a request that has found its server; null if it has none. */
    static @Nullable CookieRewrite of(Pool pool, Server server, Traffic traffic) {
        CookiePrefix prefix = traffic.cookiePrefix(pool);
        return prefix == null ? null : new CookieRewrite(prefix, server, traffic);
    }

    /**
     * Writes a {@code Cookie} field without the prefixes in it.
     *
     * @param from what is written up to here
     * @return what is written now
     */
    int strip(ByteBuf out, Head request, int field, int from) {
        byte[] bytes = request.bytes;
        int written = from;
        int end = request.valueEnd(field);
        int at = request.valueStart(field);
        while (at < end) {
            int stop = at;
            while (stop < end && bytes[stop] != ';') {
                stop++;
            }
            int value = valueOf(bytes, at, stop);
            int length = value < 0 ? 0 : length(request.view(value, stop));
            if (length > 0) {
                out.writeBytes(bytes, written, value - written);
                written = value + length;
            }
            at = stop + 1;
        }
        return written;
    }

    /**
     * Writes a {@code Set-Cookie} field with the prefix, if it sets that cookie.
     *
     * @param from what is written up to here
     * @return what is written now
     */
    int add(ByteBuf out, Head response, int field, int from) {
        int value = valueOf(response.bytes, response.valueStart(field), response.valueEnd(field));
        String mark = value < 0 ? null : mark();
        if (mark == null) {
            return from;
        }
        out.writeBytes(response.bytes, from, value - from);
        out.writeCharSequence(mark, StandardCharsets.US_ASCII);
        return value;
    }

    /** Where the value begins of a pair, if it is of that name; else negative. */
    private int valueOf(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end && Bytes.isBlank(bytes[at])) {
            at++;
        }
        if (end - at <= name.length() || bytes[at + name.length()] != '=') {
            return -1;
        }
        for (int i = 0; i < name.length(); i++) {
            if (bytes[at + i] != name.charAt(i)) {
                return -1;
            }
        }
        return at + name.length() + 1;
    }

    private int length(CharSequence value) {
        try {
            return Math.max(0, Math.min(value.length(), prefix.length(value)));
        } catch (RuntimeException | Error e) {
            traffic.extensionFailed(prefix, e);
            return 0;
        }
    }

    private @Nullable String mark() {
        try {
            return prefix.of(server);
        } catch (RuntimeException | Error e) {
            traffic.extensionFailed(prefix, e);
            return null;
        }
    }
}
