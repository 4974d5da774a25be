package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** What WebSocket clients and servers of tests send: handshakes and frames. */
final class Frames {

    /** The example of RFC 6455 section 1.3. */
    static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;

    /** A handshake's request up to its last field. */
    static final String ASKS = """
            GET /chat HTTP/1.1
            Host: a
            Connection: keep-alive, Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            """.replace("\n", "\r\n");

    static final String REQUEST = ASKS + "Sec-WebSocket-Key: " + KEY + "\r\n\r\n";

    /** The answer to {@link #REQUEST}, and to nothing else. */
    static final String RESPONSE =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: "
                    + ACCEPT + "\r\n\r\n";

    /** Close with status 1001 and nothing else, as a server sends it. */
    static final String GOING_AWAY = "\u0088\u0002\u0003\u00e9";

    private Frames() {}

    /** The answer to a request with whatever key. */
    static String response(String head) {
        String start = "Sec-WebSocket-Key: ";
        int at = head.indexOf(start) + start.length();
        return RESPONSE.replace(ACCEPT, accept(head.substring(at, head.indexOf("\r\n", at))));
    }

    private static String accept(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder()
                    .encodeToString(sha1.digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** A frame, masked if it is a client's; each byte is a character. */
    static String frame(int opcode, String payload, boolean masked) {
        byte[] bytes = payload.getBytes(ISO_8859_1);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(0x80 | opcode);
        int mask = masked ? 0x80 : 0;
        if (bytes.length < 126) {
            frame.write(mask | bytes.length);
        } else if (bytes.length < 1 << 16) {
            frame.write(mask | 126);
            frame.writeBytes(
                    ByteBuffer.allocate(2).putShort((short) bytes.length).array());
        } else {
            frame.write(mask | 127);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(bytes.length).array());
        }
        if (masked) {
            byte[] key = {1, 2, 3, 4};
            frame.writeBytes(key);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] ^= key[i % key.length];
            }
        }
        frame.writeBytes(bytes);
        return frame.toString(ISO_8859_1);
    }

    /** Whether bytes are a frame as clients send it: to close, with status 1001. */
    static boolean isMaskedGoingAway(String frame) {
        return frame.length() == 8
                && frame.startsWith("\u0088\u0082")
                && (frame.charAt(6) ^ frame.charAt(2)) == 0x03
                && (frame.charAt(7) ^ frame.charAt(3)) == 0xe9;
    }
}
