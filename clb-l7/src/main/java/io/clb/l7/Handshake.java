package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The opening handshake of a WebSocket: RFC 6455 section 4. Anything that is not to the letter is no handshake, and goes on as the plain request that it is without its {@code Upgrade}.
 * Any thread.
 */
final class Handshake {

    private static final byte[] GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".getBytes(US_ASCII);
    private static final String WEB_SOCKET = "websocket";

    /** 16 bytes in base64: so many digits, and two signs that fill them up. */
    private static final int KEY_DIGITS = 22;

    private static final int KEY = KEY_DIGITS + 2;

    private Handshake() {}

    /** Whether a request asks for a WebSocket. */
    static boolean asks(Head request) {
        return request.upgrade
                && request.minorVersion > 0
                && request.isMethod("GET")
                && !request.chunked
                && request.contentLength <= 0
                && lists(request, request.only("upgrade"))
                && isKey(request, request.only("sec-websocket-key"))
                && request.only("sec-websocket-version") >= 0;
    }

    /** Whether a field lists the protocol. */
    private static boolean lists(Head head, int field) {
        if (field < 0) {
            return false;
        }
        byte[] bytes = head.bytes;
        int end = head.valueEnd(field);
        int at = head.valueStart(field);
        while (at < end) {
            int stop = at;
            while (stop < end && bytes[stop] != ',') {
                stop++;
            }
            int last = stop;
            while (at < last && Bytes.isBlank(bytes[at])) {
                at++;
            }
            while (last > at && Bytes.isBlank(bytes[last - 1])) {
                last--;
            }
            if (Bytes.equalsIgnoreCase(bytes, at, last, WEB_SOCKET)) {
                return true;
            }
            at = stop + 1;
        }
        return false;
    }

    private static boolean isKey(Head head, int field) {
        if (field < 0 || head.valueEnd(field) - head.valueStart(field) != KEY) {
            return false;
        }
        int start = head.valueStart(field);
        for (int i = 0; i < KEY; i++) {
            byte b = head.bytes[start + i];
            boolean digit = b == '+' || b == '/' || (b < 0x7f && Character.isLetterOrDigit(b));
            if (i < KEY_DIGITS ? !digit : b != '=') {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether a response with status 101 opens the WebSocket that a request asked for. Frames are known of version 13 only.
     *
     * @param request one that {@linkplain #asks asks}
     */
    static boolean opens(Head request, Head response) {
        int upgrade = response.only("upgrade");
        int accept = response.only("sec-websocket-accept");
        return response.upgrade
                && response.minorVersion > 0
                && upgrade >= 0
                && Bytes.equalsIgnoreCase(
                        response.bytes, response.valueStart(upgrade), response.valueEnd(upgrade), WEB_SOCKET)
                && accept >= 0
                && response.view(response.valueStart(accept), response.valueEnd(accept))
                        .contentEquals(accept(request))
                && "13".contentEquals(request.value("sec-websocket-version"));
    }

    private static String accept(Head request) {
        int key = request.only("sec-websocket-key");
        MessageDigest sha1;
        try {
            sha1 = MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has it", e);
        }
        sha1.update(request.bytes, request.valueStart(key), KEY);
        return Base64.getEncoder().encodeToString(sha1.digest(GUID));
    }
}
