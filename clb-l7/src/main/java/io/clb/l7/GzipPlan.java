package io.clb.l7;

import io.clb.Gzip;
import io.clb.Options;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a listener compresses. Immutable.
 *
 * @param types media types, in lower case
 * @param minSize bytes; of responses that say their size
 * @param level 1 to 9
 */
record GzipPlan(List<String> types, int minSize, int level) {

    private static final int PARTIAL = 206;
    private static final int RESET_CONTENT = 205;
    private static final int NO_CONTENT = 204;

    static @Nullable GzipPlan of(@Nullable Gzip config) {
        return config == null
                ? null
                : new GzipPlan(config.mediaTypes(), config.get(Options.GZIP_MIN_SIZE), config.get(Options.GZIP_LEVEL));
    }

    /** What becomes of a response's body. */
    ContentCoding coding(Head request, Head response) {
        if (!mayChange(response) || !isListed(response)) {
            return ContentCoding.AS_IT_IS;
        }
        boolean large = !response.hasContentLength() || response.contentLength >= minSize;
        boolean wanted = request.minorVersion > 0 && !request.isMethod("HEAD") && AcceptEncoding.takesGzip(request);
        return large && wanted ? ContentCoding.GZIP : ContentCoding.VARIES;
    }

    /** Whether it is a whole, and nothing speaks against a coding, or for another one. */
    private static boolean mayChange(Head response) {
        int status = response.status;
        boolean whole =
                status >= 200 && status < 300 && status != NO_CONTENT && status != RESET_CONTENT && status != PARTIAL;
        return (whole || status == 403 || status == 404)
                && response.first("content-encoding") < 0
                && response.first("content-range") < 0
                && response.first("content-digest") < 0
                && response.first("content-md5") < 0
                && !isNotToBeTransformed(response);
    }

    /** RFC 9111 5.2.2.6. */
    private static boolean isNotToBeTransformed(Head response) {
        for (int i = 0; i < response.fieldCount; i++) {
            if (Bytes.equalsIgnoreCase(response.bytes, response.nameStart(i), response.nameEnd(i), "cache-control")
                    && Bytes.containsIgnoreCase(
                            response.bytes, response.valueStart(i), response.valueEnd(i), "no-transform")) {
                return true;
            }
        }
        return false;
    }

    private boolean isListed(Head response) {
        int field = response.only("content-type");
        if (field < 0) {
            return false;
        }
        int start = response.valueStart(field);
        int end = start;
        while (end < response.valueEnd(field) && response.bytes[end] != ';' && !Bytes.isBlank(response.bytes[end])) {
            end++;
        }
        for (int i = 0; i < types.size(); i++) {
            if (Bytes.equalsIgnoreCase(response.bytes, start, end, types.get(i))) {
                return true;
            }
        }
        return false;
    }
}
