package io.clb.l7;

/** Reads which codings a client takes: RFC 9110 12.5.3. */
final class AcceptEncoding {

    private static final int NOT_NAMED = -1;

    private AcceptEncoding() {}

    /** Whether a client takes gzip: it names it, or everything, and not with a weight of 0. */
    static boolean takesGzip(Head request) {
        int named = NOT_NAMED;
        int others = NOT_NAMED;
        for (int i = 0; i < request.fieldCount; i++) {
            if (!Bytes.equalsIgnoreCase(request.bytes, request.nameStart(i), request.nameEnd(i), "accept-encoding")) {
                continue;
            }
            int at = request.valueStart(i);
            int end = request.valueEnd(i);
            while (at < end) {
                int stop = indexOf(request.bytes, at, end, ',');
                int parameters = indexOf(request.bytes, at, stop, ';');
                int start = at;
                while (start < parameters && Bytes.isBlank(request.bytes[start])) {
                    start++;
                }
                int last = parameters;
                while (last > start && Bytes.isBlank(request.bytes[last - 1])) {
                    last--;
                }
                int weight = weighs(request.bytes, parameters, stop) ? 1 : 0;
                if (Bytes.equalsIgnoreCase(request.bytes, start, last, "gzip")
                        || Bytes.equalsIgnoreCase(request.bytes, start, last, "x-gzip")) {
                    named = weight;
                } else if (last - start == 1 && request.bytes[start] == '*') {
                    others = weight;
                }
                at = stop + 1;
            }
        }
        return named == NOT_NAMED ? others > 0 : named > 0;
    }

    private static int indexOf(byte[] bytes, int start, int end, char sought) {
        int at = start;
        while (at < end && bytes[at] != sought) {
            at++;
        }
        return at;
    }

    /** Whether what stands behind a coding gives it any weight: {@code ;q=0} does not, nor {@code ; q=0.000}. */
    private static boolean weighs(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end && Bytes.lower(bytes[at]) != 'q') {
            at++;
        }
        if (at == end) {
            return true;
        }
        for (; at < end; at++) {
            if (bytes[at] >= '1' && bytes[at] <= '9') {
                return true;
            }
        }
        return false;
    }
}
