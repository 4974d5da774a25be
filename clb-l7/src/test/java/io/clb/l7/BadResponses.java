package io.clb.l7;

import static io.clb.spi.Reason.BAD_RESPONSE;
import static io.clb.spi.Reason.RESPONSE_HEAD_TOO_LARGE;
import static io.clb.spi.Reason.RESPONSE_TRUNCATED;
import static io.clb.spi.Reason.SERVER_CLOSED;

import io.clb.spi.Reason;
import java.util.List;
import java.util.stream.Stream;

/** What servers may send that must not reach a client. */
final class BadResponses {

    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    /**
     * A response.
     *
     * @param good what may be passed on before it is known to be bad
     * @param bad what must not
     * @param ends whether the server closes after it
     */
    record Bad(String name, String good, String bad, boolean ends, Reason reason) {
        @Override
        public String toString() {
            return name;
        }
    }

    private BadResponses() {}

    /** All of which nothing is passed on. */
    static List<Bad> heads() {
        return Stream.of(statusLines(), fields(), framings(), bodiless(), sizes(), ends())
                .flatMap(s -> s)
                .toList();
    }

    /** All whose head is good: of which something may have been passed on. */
    static List<Bad> bodies() {
        Stream<Bad> chunks = BadRequests.bodies().stream()
                .map(body -> new Bad(body.name(), CHUNKED + body.good(), body.bad(), false, BAD_RESPONSE));
        return Stream.concat(chunks, truncated()).toList();
    }

    private static Bad head(String name, String bytes) {
        return new Bad(name, "", bytes, false, BAD_RESPONSE);
    }

    private static Bad line(String name, String statusLine) {
        return head(name, statusLine + "\r\nContent-Length: 2\r\n\r\nok");
    }

    private static Bad field(String name, String field) {
        return head(name, "HTTP/1.1 200 OK\r\n" + field + "\r\nContent-Length: 2\r\n\r\nok");
    }

    private static Bad framing(String name, String fields) {
        return head(name, "HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n2\r\nok\r\n0\r\n\r\n");
    }

    private static Stream<Bad> statusLines() {
        return Stream.of(
                line("LF after the status line", "HTTP/1.1 200 OK\nX: y"),
                line("CR after the status line", "HTTP/1.1 200 OK\rX: y"),
                line("CR CR LF after the status line", "HTTP/1.1 200 OK\r"),
                line("two blanks before the status", "HTTP/1.1  200 OK"),
                line("a tab before the status", "HTTP/1.1\t200 OK"),
                line("a tab after the status", "HTTP/1.1 200\tOK"),
                line("no blank after the status", "HTTP/1.1 200OK"),
                line("two digits", "HTTP/1.1 20 OK"),
                line("four digits", "HTTP/1.1 2000 OK"),
                line("a status below 100", "HTTP/1.1 099 OK"),
                line("a status with a sign", "HTTP/1.1 +20 OK"),
                line("a status that is no number", "HTTP/1.1 abc OK"),
                line("no status", "HTTP/1.1 "),
                line("nothing but the version", "HTTP/1.1"),
                line("HTTP/1.2", "HTTP/1.2 200 OK"),
                line("HTTP/0.9", "HTTP/0.9 200 OK"),
                line("HTTP/2", "HTTP/2 200 OK"),
                line("HTTP/2.0", "HTTP/2.0 200 OK"),
                line("lower case http", "http/1.1 200 OK"),
                line("another protocol", "ICY 200 OK"),
                line("no version", "200 OK"),
                line("a blank before it", " HTTP/1.1 200 OK"),
                line("an empty line before it", "\r\nHTTP/1.1 200 OK"),
                line("NUL in the reason", "HTTP/1.1 200 O\0K"),
                line("a control character in the reason", "HTTP/1.1 200 \u001b[31mOK"),
                head("a page without a head", "<html>hello</html>"),
                head("a request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                head("an alert of TLS", "\u0015\u0003\u0001\0\u0002\u0002\n"),
                head("SSH", "SSH-2.0-OpenSSH_9.6\r\n"));
    }

    private static Stream<Bad> fields() {
        return Stream.of(
                field("LF after a field", "X: y\nZ: z"),
                field("CR in a field", "X: y\rZ: z"),
                field("CR CR LF after a field", "X: y\r"),
                field("NUL in a value", "X: a\0b"),
                field("a control character in a value", "X: a\u0001b"),
                field("a folded field", "X: y\r\n z"),
                field("a blank before the colon", "X : y"),
                field("a blank before the name", " X: y"),
                field("no colon", "X y"),
                field("an empty name", ": y"),
                field("a name that is no token", "X/Y: z"),
                field("high bytes in a name", "\u00e9: y"),
                head("LF at the end", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\nok"),
                head("CR CR LF at the end", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\r\nok"),
                field("Connection names Content-Length", "Connection: content-length"),
                field("Connection names Transfer-Encoding", "Connection: close, Transfer-Encoding"),
                field("Connection with a slash", "Connection: a/b"));
    }

    private static Stream<Bad> framings() {
        return Stream.of(
                framing("CL and TE", "Content-Length: 2\r\nTransfer-Encoding: chunked"),
                framing("TE and CL", "Transfer-Encoding: chunked\r\nContent-Length: 2"),
                framing("two different lengths", "Content-Length: 2\r\nContent-Length: 3"),
                framing("two equal lengths", "Content-Length: 2\r\nContent-Length: 2"),
                framing("a list of lengths", "Content-Length: 2, 2"),
                framing("a length with a sign", "Content-Length: +2"),
                framing("a negative length", "Content-Length: -1"),
                framing("a hexadecimal length", "Content-Length: 0x2"),
                framing("an empty length", "Content-Length:"),
                framing("a length of 64 bits", "Content-Length: 18446744073709551618"),
                framing("leading zeros", "Content-Length: 02"),
                framing("a tab before the length", "Content-Length:\t2"),
                framing("an underscore in CL", "Content_Length: 2"),
                framing("a blank before CL's colon", "Content-Length : 2"),
                framing("gzip, chunked", "Transfer-Encoding: gzip, chunked"),
                framing("chunked, identity", "Transfer-Encoding: chunked, identity"),
                framing("identity", "Transfer-Encoding: identity"),
                framing("gzip", "Transfer-Encoding: gzip"),
                framing("xchunked", "Transfer-Encoding: xchunked"),
                framing("an empty coding", "Transfer-Encoding:"),
                framing("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
                framing("a vertical tab before chunked", "Transfer-Encoding: \u000bchunked"),
                framing("an underscore in TE", "Transfer_Encoding: chunked"),
                head("TE on HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"));
    }

    private static Stream<Bad> bodiless() {
        return Stream.of(
                head("204 with a body", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok"),
                head("204 in chunks", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                head("100 with a body", "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\nok"),
                head("103 in chunks", "HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                head("101 that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"));
    }

    private static Stream<Bad> sizes() {
        return Stream.of(
                large("a head of one byte too many", "HTTP/1.1 200 OK\r\n" + BadRequests.head(16_397) + "\r\n\r\n"),
                large("a field too many", "HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(101) + "\r\n"),
                large("a status line that is too long", "HTTP/1.1 200 " + "a".repeat(20_000) + "\r\n\r\n"),
                large("a field that is too large", "HTTP/1.1 200 OK\r\nX: " + "a".repeat(50_000) + "\r\n\r\n"),
                large("a name that is too large", "HTTP/1.1 200 OK\r\n" + "a".repeat(50_000)));
    }

    private static Bad large(String name, String bytes) {
        return new Bad(name, "", bytes, false, RESPONSE_HEAD_TOO_LARGE);
    }

    private static Stream<Bad> ends() {
        return Stream.of(
                new Bad("nothing at all", "", "", true, SERVER_CLOSED),
                new Bad("half a status line", "", "HTTP/1.1 2", true, SERVER_CLOSED),
                new Bad("half a head", "", "HTTP/1.1 200 OK\r\nContent-", true, SERVER_CLOSED),
                new Bad(
                        "a head without its empty line",
                        "",
                        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
                        true,
                        SERVER_CLOSED));
    }

    private static Stream<Bad> truncated() {
        return Stream.of(
                truncated("a body that ends too early", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"),
                truncated("no body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
                truncated("no chunks", CHUNKED),
                truncated("half a size", CHUNKED + "5"),
                truncated("half a chunk", CHUNKED + "5\r\nhel"),
                truncated("no last chunk", CHUNKED + "5\r\nhello\r\n"),
                truncated("half the last chunk", CHUNKED + "5\r\nhello\r\n0\r\n"),
                truncated("half the trailers", CHUNKED + "5\r\nhello\r\n0\r\nX: y\r\n"));
    }

    private static Bad truncated(String name, String good) {
        return new Bad(name, good, "", true, RESPONSE_TRUNCATED);
    }
}
