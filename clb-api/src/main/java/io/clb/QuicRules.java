package io.clb;

import io.clb.schedule.QuicConnectionId;
import io.clb.spi.ServerDiscovery;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules for scheduling by QUIC connection id. */
final class QuicRules {

    private static final String NUMBER = "tag " + QuicConnectionId.NUMBER_TAG;

    private QuicRules() {}

    /** What is wrong with its settings. */
    static void check(String place, QuicConnectionId quic, Mistakes mistakes) {
        Options.HASH_SLOTS.check(place, quic.slots(), mistakes);
        Options.CONNECTION_IDS.check(place, quic.connectionIds(), mistakes);
        if (!quic.equals(quic.serverNumberAt(-1, 0)) && !isWithinAnId(quic)) {
            mistakes.add(
                    place,
                    "serverNumberAt",
                    quic.serverNumberOffset() + ", " + quic.serverNumberBytes(),
                    "an offset of 0 to 19 and 1 to 4 bytes, all of them within the 20 bytes of a connection id");
        }
    }

    private static boolean isWithinAnId(QuicConnectionId quic) {
        int offset = quic.serverNumberOffset();
        int bytes = quic.serverNumberBytes();
        return offset >= 0
                && offset < QuicConnectionId.MAX_ID_BYTES
                && bytes >= 1
                && bytes <= QuicConnectionId.MAX_NUMBER_BYTES
                && offset + bytes <= QuicConnectionId.MAX_ID_BYTES;
    }

    /** Where ids carry numbers, each server has one of its own. */
    static void check(
            String where,
            QuicConnectionId quic,
            List<ServerConfig> servers,
            @Nullable ServerDiscovery discovery,
            Mistakes mistakes) {
        if (!isWithinAnId(quic)) {
            return;
        }
        if (discovery != null) {
            mistakes.add(
                    where,
                    "discovery",
                    discovery.name(),
                    "not set: with serverNumberAt the number of every server must be known beforehand");
        }
        String range = String.format(Locale.ROOT, "0 to %,d", (1L << (Byte.SIZE * quic.serverNumberBytes())) - 1);
        Map<Long, HostPort> owners = new HashMap<>();
        for (ServerConfig server : servers) {
            String place = where + ": server " + server.address();
            String tag = server.tags().getOrDefault(QuicConnectionId.NUMBER_TAG, "not set");
            long number = quic.serverNumber(server.tags());
            HostPort owner = number < 0 ? null : owners.putIfAbsent(number, server.address());
            if (number < 0) {
                mistakes.add(place, NUMBER, tag, "the number that it writes into connection ids: " + range);
            } else if (owner != null) {
                mistakes.add(place, NUMBER, tag, "another number than server " + owner);
            }
        }
    }
}
