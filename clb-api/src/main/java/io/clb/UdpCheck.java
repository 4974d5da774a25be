package io.clb;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a UDP health check sends and expects. Immutable: each method returns a changed copy. */
public final class UdpCheck {

    private static final int MAX_BYTES = 512;

    /** Bytes, as they were written. */
    private record Payload(String written, boolean hex) {

        boolean isSound() {
            if (hex) {
                return written.length() % 2 == 0
                        && isWithin(written.length() / 2)
                        && written.chars().allMatch(HexFormat::isHexDigit);
            }
            return isWithin(written.getBytes(StandardCharsets.UTF_8).length);
        }

        private static boolean isWithin(int bytes) {
            return bytes >= 1 && bytes <= MAX_BYTES;
        }

        /** Only of a sound one. */
        ByteBuffer bytes() {
            byte[] bytes = hex ? HexFormat.of().parseHex(written) : written.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
        }

        void check(String where, String field, Mistakes mistakes) {
            if (!isSound()) {
                mistakes.add(
                        where,
                        field,
                        written,
                        hex ? "1 to 512 bytes of two hexadecimal digits each" : "1 to 512 bytes of UTF-8");
            }
        }
    }

    private final Payload request;
    private final @Nullable Payload expected;

    private UdpCheck(Payload request, @Nullable Payload expected) {
        this.request = request;
        this.expected = expected;
    }

    /**
     * Sends a text.
     *
     * @param text 1 to 512 bytes in UTF-8
     * @return the request, with no reply expected
     */
    public static UdpCheck request(String text) {
        return new UdpCheck(new Payload(requireNonNull(text, "text"), false), null);
    }

    /**
     * Sends bytes.
     *
     * @param hex 1 to 512 bytes, two hexadecimal digits each, nothing in between
     * @return the request, with no reply expected
     */
    public static UdpCheck requestHex(String hex) {
        return new UdpCheck(new Payload(requireNonNull(hex, "hex"), true), null);
    }

    /**
     * Expects a text. The server is healthy if the first datagram that it answers with begins with it, and has failed if that begins otherwise or
     * does not come within the timeout.
     *
     * @param text 1 to 512 bytes in UTF-8
     * @return a changed copy
     */
    public UdpCheck expect(String text) {
        return new UdpCheck(request, new Payload(requireNonNull(text, "text"), false));
    }

    /**
     * Expects bytes, as {@link #expect(String)} does a text.
     *
     * @param hex 1 to 512 bytes, two hexadecimal digits each, nothing in between
     * @return a changed copy
     */
    public UdpCheck expectHex(String hex) {
        return new UdpCheck(request, new Payload(requireNonNull(hex, "hex"), true));
    }

    /**
     * Returns what is sent.
     *
     * @return 1 to 512 bytes, read-only
     */
    public ByteBuffer request() {
        return request.bytes();
    }

    /**
     * Returns what the answer has to begin with.
     *
     * @return 1 to 512 bytes, read-only; null if any answer is good, and none too
     */
    public @Nullable ByteBuffer expected() {
        return expected == null ? null : expected.bytes();
    }

    void check(String where, Mistakes mistakes) {
        request.check(where, "request", mistakes);
        if (expected != null) {
            expected.check(where, "expect", mistakes);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof UdpCheck that
                && request.equals(that.request)
                && Objects.equals(expected, that.expected);
    }

    @Override
    public int hashCode() {
        return Objects.hash(request, expected);
    }

    @Override
    public String toString() {
        return "send " + request.written + (expected == null ? "" : ", expect " + expected.written);
    }
}
