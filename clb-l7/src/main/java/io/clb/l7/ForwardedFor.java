package io.clb.l7;

import io.clb.CidrSet;

/**
 * Finds the client of a request that a trusted proxy sent: in the list of all its {@code X-Forwarded-For} fields, read from the right, the first address that is not trusted
 * itself. If all are, it is the leftmost. What is no address ends the search. Empty entries do not count (RFC 9110 5.6.1). Confined to one loop.
 */
final class ForwardedFor {

    private final AddressText client = new AddressText();

    /** The client that was found last. */
    AddressText client() {
        return client;
    }

    /**
     * Looks for the client.
     *
     * @param request the head of a request whose peer is trusted
     * @param trusted whose word is believed
     * @return false if the peer names none, and so is the client itself
     */
    boolean find(Head request, CidrSet trusted) {
        boolean found = false;
        for (int field = request.fieldCount - 1; field >= 0; field--) {
            if (request.kind(field) != Field.FORWARDED_FOR) {
                continue;
            }
            int start = request.valueStart(field);
            int end = request.valueEnd(field);
            while (end >= start) {
                int entry = entryStart(request.bytes, start, end);
                int from = entry;
                int to = end;
                while (from < to && Bytes.isBlank(request.bytes[from])) {
                    from++;
                }
                while (to > from && Bytes.isBlank(request.bytes[to - 1])) {
                    to--;
                }
                if (from < to) {
                    if (!client.read(request.bytes, from, to)) {
                        return found;
                    }
                    found = true;
                    if (!trusted.contains(client.high(), client.low())) {
                        return true;
                    }
                }
                end = entry - 1;
            }
        }
        return found;
    }

    /** Where the entry begins that ends at an index. */
    private static int entryStart(byte[] bytes, int start, int end) {
        int at = end;
        while (at > start && bytes[at - 1] != ',') {
            at--;
        }
        return at;
    }
}
