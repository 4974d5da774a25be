package io.clb.schedule;

import io.clb.spi.Datagram;
import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Server;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The servers that may take new flows, by the numbers that they write into connection ids. Immutable. */
final class ServerNumbers {

    private final int at;
    private final int bytes;

    /** In order. */
    private final long[] numbers;

    private final Server[] servers;

    ServerNumbers(QuicConnectionId settings, GroupView eligible) {
        at = QuicHeader.SHORT_DESTINATION + settings.serverNumberOffset();
        bytes = settings.serverNumberBytes();
        Map<Long, Server> byNumber = new TreeMap<>();
        for (int i = 0; i < eligible.size(); i++) {
            long number = settings.serverNumber(eligible.tags(i));
            if (number >= 0 && eligible.weight(i) > 0) {
                byNumber.put(number, eligible.server(i));
            }
        }
        numbers = byNumber.keySet().stream().mapToLong(Long::longValue).toArray();
        servers = byNumber.values().toArray(new Server[0]);
    }

    /** The server whose number is in the id of a packet with a short header; null if there is none, or the flow tried it. */
    @Nullable
    Server find(Datagram packet, Flow flow) {
        if (packet.length() < at + bytes) {
            return null;
        }
        int index = Arrays.binarySearch(numbers, QuicId.word(packet, at, bytes));
        return index < 0 || flow.tried(servers[index]) ? null : servers[index];
    }
}
