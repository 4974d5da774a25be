package io.clb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * An answer that is the same for every request, and given by the balancer itself: {@code FixedResponse.of(503).contentType("text/html").body("<p>Back at nine")}.
 * Immutable.
 */
public final class FixedResponse {

    static final String STATUS_EXPECTATION = "a status of 2xx, 4xx or 5xx";
    static final String TYPE_EXPECTATION =
            "a media type such as text/html; charset=utf-8, of 3 to 128 visible ASCII characters and blanks";
    static final String BODY_EXPECTATION = "up to 65,536 bytes in UTF-8; none with 204 and 205";

    private static final int MAX_BODY = 64 * 1_024;
    private static final int MAX_TYPE = 128;
    private static final int MIN_TYPE = 3;
    private static final int NO_CONTENT = 204;
    private static final int RESET_CONTENT = 205;

    private final int status;
    private final String contentType;
    private final String body;

    private FixedResponse(int status, String contentType, String body) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
    }

    /**
     * An answer without a body.
     *
     * @param status 200 to 299 or 400 to 599; a mistake is reported when the configuration is built
     * @return the answer
     */
    public static FixedResponse of(int status) {
        return new FixedResponse(status, "text/plain; charset=utf-8", "");
    }

    /**
     * With another media type than {@code text/plain; charset=utf-8}.
     *
     * @param value a media type (RFC 9110 8.3.1)
     * @return the answer
     */
    public FixedResponse contentType(String value) {
        return new FixedResponse(status, requireNonNull(value, "value"), body);
    }

    /**
     * With a body.
     *
     * @param text up to 65,536 bytes in UTF-8
     * @return the answer
     */
    public FixedResponse body(String text) {
        return new FixedResponse(status, contentType, requireNonNull(text, "text"));
    }

    /**
     * Returns the status.
     *
     * @return 200 to 299 or 400 to 599
     */
    public int status() {
        return status;
    }

    /**
     * Returns the media type.
     *
     * @return the value of {@code Content-Type}
     */
    public String contentType() {
        return contentType;
    }

    /**
     * Returns the body.
     *
     * @return the text; empty for none
     */
    public String body() {
        return body;
    }

    void check(String where, Mistakes mistakes) {
        boolean answers = status >= 200 && status < 300;
        boolean refuses = status >= 400 && status < 600;
        if (!answers && !refuses) {
            mistakes.add(where, "respond status", status, STATUS_EXPECTATION);
        }
        boolean typed = contentType.length() >= MIN_TYPE
                && contentType.length() <= MAX_TYPE
                && contentType.indexOf('/') > 0
                && contentType.strip().equals(contentType)
                && contentType.chars().allMatch(c -> c >= ' ' && c < 0x7f);
        if (!typed) {
            mistakes.add(where, "respond contentType", contentType, TYPE_EXPECTATION);
        }
        int bytes = body.getBytes(UTF_8).length;
        boolean bodiless = status == NO_CONTENT || status == RESET_CONTENT;
        if (bytes > MAX_BODY || (bodiless && bytes > 0)) {
            mistakes.add(where, "respond body", bytes + " bytes", BODY_EXPECTATION);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FixedResponse that
                && status == that.status
                && contentType.equals(that.contentType)
                && body.equals(that.body);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * status + contentType.hashCode()) + body.hashCode();
    }

    @Override
    public String toString() {
        return status + " " + contentType + ", " + body.length() + " characters";
    }
}
