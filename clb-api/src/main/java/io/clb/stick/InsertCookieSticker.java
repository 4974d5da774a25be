package io.clb.stick;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.HttpFlow;
import io.clb.spi.Server;
import io.clb.spi.SessionSticker;
import java.util.Arrays;
import java.util.Base64;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/** The cookies of the servers that may take new flows now, computed once: loops only look them up. Clients do the remembering. */
final class InsertCookieSticker implements SessionSticker {

    /** Bytes of the MAC in a value: half of what SHA-256 puts out, the least that RFC 2104 5 lets one keep. */
    private static final int MAC_LENGTH = 16;

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    /** The cookie of one server by the key that signs: its value, and the whole field that sets it. */
    private record Cookie(String value, String field) {}

    private final String name;
    private final StickyKeys keys;
    private final CookieTable named;
    private final IdentityHashMap<Server, Cookie> cookies = new IdentityHashMap<>();

    InsertCookieSticker(String name, long maxAgeSeconds, StickyKeys keys, GroupView eligible) {
        this.name = name;
        this.keys = keys;
        List<Mac> macs = keys.macs();
        List<Server> takers = IntStream.range(0, eligible.size())
                .filter(i -> eligible.weight(i) > 0)
                .mapToObj(eligible::server)
                .toList();
        named = new CookieTable(takers.size() * macs.size());
        String attributes = "; Path=/; HttpOnly; Max-Age=" + maxAgeSeconds;
        for (Server server : takers) {
            // Neither part contains a line feed, so no two pairs make one text.
            byte[] text = (eligible.name() + '\n' + server.id()).getBytes(UTF_8);
            for (Mac mac : macs) {
                byte[] signed = Arrays.copyOf(mac.doFinal(text), MAC_LENGTH);
                named.put(signed, server);
                String value = ENCODER.encodeToString(signed);
                cookies.putIfAbsent(server, new Cookie(value, name + "=" + value + attributes));
            }
        }
    }

    StickyKeys keys() {
        return keys;
    }

    @Override
    public @Nullable Server recall(Flow flow, long nowNanos) {
        CharSequence value = flow instanceof HttpFlow request ? request.cookie(name) : null;
        Server server = value == null ? null : named.find(value);
        return server == null || flow.tried(server) ? null : server;
    }

    @Override
    public @Nullable String setCookie(HttpFlow flow, Server server) {
        Cookie cookie = cookies.get(server);
        if (cookie == null) {
            return null;
        }
        CharSequence carried = flow.cookie(name);
        // Compared as it comes: whoever measures the time is told the value anyway.
        return carried != null && cookie.value.contentEquals(carried) ? null : cookie.field;
    }

    /** Nothing to do: the client remembers. */
    @Override
    public void remember(Flow flow, Server server, long nowNanos) {}
}
