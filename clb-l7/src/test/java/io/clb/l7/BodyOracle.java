package io.clb.l7;

import static java.util.Locale.ROOT;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a body in chunks ends, found by regular expressions over the whole of it: slow, and in no way like {@link BodyScanner}. */
final class BodyOracle {

    /** It is not complete. */
    static final int MORE = -2;

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern SIZE =
            Pattern.compile("(?<size>[0-9A-Fa-f]{1,15})(?:;(?<extension>" + TOKEN + "(?:[;=]" + TOKEN + ")*))?\\r\\n");
    private static final Pattern CRLF = Pattern.compile("\\r\\n");
    private static final Pattern NAME = Pattern.compile("(" + TOKEN + "):");
    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e\\x80-\\xff\\t]*\\r\\n");
    private static final Pattern FORBIDDEN =
            Pattern.compile("x[-_]forwarded[-_].+|slb[-_]i[dp]|content[-_]length|transfer[-_]encoding");
    private static final Set<String> FORBIDDEN_NAMES = Set.of(
            "host",
            "connection",
            "cookie",
            "authorization",
            "te",
            "upgrade",
            "keep-alive",
            "proxy-connection",
            "forwarded");
    private static final int MAX_EXTENSION = 256;
    private static final int MAX_TRAILERS = 8_192;

    private final String body;
    private int at;

    private BodyOracle(String body) {
        this.body = body;
    }

    /** How many bytes belong to a body; {@link #MORE}, or {@link BodyScanner#MALFORMED}. */
    static int end(String body) {
        return new BodyOracle(body).end();
    }

    private int end() {
        while (true) {
            Matcher size = SIZE.matcher(body).region(at, body.length());
            if (!size.lookingAt()) {
                return size.hitEnd() && !hasLongExtension() ? MORE : BodyScanner.MALFORMED;
            }
            String extension = size.group("extension");
            if (extension != null && extension.length() > MAX_EXTENSION) {
                return BodyScanner.MALFORMED;
            }
            at = size.end();
            long bytes = Long.parseLong(size.group("size"), 16);
            if (bytes == 0) {
                return trailers();
            }
            if (bytes > body.length() - at) {
                return MORE;
            }
            at += (int) bytes;
            int result = take(CRLF);
            if (result != 0) {
                return result;
            }
        }
    }

    /** Whether an extension that has not ended yet is too long already. */
    private boolean hasLongExtension() {
        int start = body.indexOf(';', at) + 1;
        int end = body.endsWith("\r") ? body.length() - 1 : body.length();
        return start > 0 && end - start > MAX_EXTENSION;
    }

    private int trailers() {
        int start = at;
        int end = trailer();
        int length = (end < 0 ? at : end) - start;
        if (end == MORE) {
            length = body.length() - start;
        }
        return length > MAX_TRAILERS ? BodyScanner.MALFORMED : end;
    }

    private int trailer() {
        while (true) {
            int last = take(CRLF);
            if (last == 0) {
                return at;
            }
            if (last == MORE) {
                return MORE;
            }
            Matcher name = NAME.matcher(body).region(at, body.length());
            int result = take(NAME);
            if (result != 0) {
                return result;
            }
            if (!name.lookingAt() || isForbidden(name.group(1).toLowerCase(ROOT))) {
                return BodyScanner.MALFORMED;
            }
            result = take(VALUE);
            if (result != 0) {
                return result;
            }
        }
    }

    private static boolean isForbidden(String name) {
        return FORBIDDEN_NAMES.contains(name) || FORBIDDEN.matcher(name).matches();
    }

    /** Takes what a pattern matches: 0, or {@link #MORE} if it may still match, or {@link BodyScanner#MALFORMED}. */
    private int take(Pattern pattern) {
        Matcher matcher = pattern.matcher(body).region(at, body.length());
        if (matcher.lookingAt()) {
            at = matcher.end();
            return 0;
        }
        return matcher.hitEnd() ? MORE : BodyScanner.MALFORMED;
    }
}
