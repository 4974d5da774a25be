package io.clb.l7;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** The kinds of requests that differ in what can go wrong with them. */
enum RequestKind {
    /** Without a body. */
    GET,
    /** Without a body, as is the response. */
    HEAD,
    /** With a small body of a known length. */
    LENGTH,
    /** With a small body in one chunk. */
    CHUNKED,
    /** With a body that no buffers on the way can hold. */
    UPLOAD;

    /** The size of the large body. */
    static final int UPLOAD_BYTES = 16 << 20;

    /** The size of the small ones. */
    static final int SMALL = 5;

    private static final String LAST_CHUNK = "\r\n0\r\n\r\n";

    /** Its head. */
    String head(String path, int small) {
        String method = this == GET || this == HEAD ? name() : "POST";
        String framing = switch (this) {
            case GET, HEAD -> "";
            case LENGTH -> "Content-Length: " + small + "\r\n";
            case CHUNKED -> "Transfer-Encoding: chunked\r\n";
            case UPLOAD -> "Content-Length: " + UPLOAD_BYTES + "\r\n";
        };
        return method + " " + path + " HTTP/1.1\r\nHost: a\r\n" + framing + "\r\n";
    }

    /** Its body, if that is small. */
    String body(int small) {
        return switch (this) {
            case GET, HEAD, UPLOAD -> "";
            case LENGTH -> "x".repeat(small);
            case CHUNKED -> Integer.toHexString(small) + "\r\n" + "x".repeat(small) + LAST_CHUNK;
        };
    }

    boolean hasBody() {
        return this != GET && this != HEAD;
    }

    /** Sends it: what is small in one piece, a large body on a thread beside the test, to the end or until nobody takes more. */
    CompletableFuture<Void> send(HttpClient client, String path, int small) throws IOException {
        client.send(head(path, small) + body(small));
        return this == UPLOAD ? client.pour(UPLOAD_BYTES) : CompletableFuture.completedFuture(null);
    }

    /** Reads the body behind a head, if it is small. */
    static void readSmall(ScriptedServer.Connection connection, String head, int small) throws IOException {
        if (head.contains("\r\nContent-Length: " + small + "\r\n")) {
            connection.read(LENGTH.body(small).length());
        } else if (head.contains("\r\nTransfer-Encoding: chunked\r\n")) {
            connection.read(CHUNKED.body(small).length());
        }
    }
}
