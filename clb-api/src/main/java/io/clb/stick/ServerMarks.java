package io.clb.stick;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clb.spi.GroupView;
import io.clb.spi.Server;
import java.util.Arrays;
import java.util.Base64;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/** The signed values by which cookies name the servers that may take new flows now, computed once: loops only look them up. */
final class ServerMarks {

    /** Bytes of the MAC in a value: half of what SHA-256 puts out, the least that RFC 2104 5 lets one keep. */
    private static final int MAC_LENGTH = 16;

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private final CookieTable named;
    private final IdentityHashMap<Server, Mark> marks = new IdentityHashMap<>();

    /**
     * The mark of one server by the key that signs.
     *
     * @param value as it comes back
     * @param text as it is sent: the value, and what is around it
     */
    record Mark(String value, String text) {}

    /**
     * Computes them.
     *
     * @param before what stands before each as it is sent
     * @param behind what stands behind
     */
    ServerMarks(StickyKeys keys, GroupView eligible, String before, String behind) {
        List<Mac> macs = keys.macs();
        List<Server> takers = IntStream.range(0, eligible.size())
                .filter(i -> eligible.weight(i) > 0)
                .mapToObj(eligible::server)
                .toList();
        named = new CookieTable(takers.size() * macs.size());
        for (Server server : takers) {
            // Neither part contains a line feed, so no two pairs make one text.
            byte[] text = (eligible.name() + '\n' + server.id()).getBytes(UTF_8);
            for (Mac mac : macs) {
                byte[] signed = Arrays.copyOf(mac.doFinal(text), MAC_LENGTH);
                named.put(signed, server);
                String value = ENCODER.encodeToString(signed);
                marks.putIfAbsent(server, new Mark(value, before + value + behind));
            }
        }
    }

    /** The server that a value names; null for none. */
    @Nullable
    Server find(CharSequence value) {
        return named.find(value);
    }

    /** Likewise, by the value that stands before something else. */
    @Nullable
    Server find(CharSequence value, int length) {
        return named.find(value, length);
    }

    /** That of a server that may take new flows; null of another. */
    @Nullable
    Mark of(Server server) {
        return marks.get(server);
    }
}
