package io.clb.l7;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Requests that are passed on, and what exactly a server gets. */
final class GoodRequests {

    private static final String HOST = "Host: a\r\n";

    /**
     * A request.
     *
     * @param sent by the client, in ISO-8859-1
     * @param received by the server
     */
    record Good(String name, String sent, String received) {

        boolean isOld() {
            return sent.contains(" HTTP/1.0\r\n");
        }

        boolean isClosing() {
            return isOld() || sent.toLowerCase(Locale.ROOT).contains("\r\nconnection: close");
        }

        boolean isHead() {
            return sent.startsWith("HEAD ");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private GoodRequests() {}

    static List<Good> all() {
        return Stream.of(lines(), fields(), forwarded(), hosts(), bodies(), old(), limits())
                .flatMap(s -> s)
                .toList();
    }

    /** A request without a body that differs in its first line only. */
    private static Good line(String name, String sent, String received) {
        return new Good(name, sent + "\r\n" + HOST + "\r\n", received + "\r\n" + HOST + Edge.FORWARDED + "\r\n");
    }

    /** A first line that is passed on as it is. */
    private static Good line(String name, String line) {
        return line(name, line, line);
    }

    /** A GET with other fields. */
    private static Good get(String name, String sent, String received) {
        String line = "GET /case HTTP/1.1\r\n" + HOST;
        return new Good(name, line + sent + "\r\n", line + received + Edge.FORWARDED + "\r\n");
    }

    /** A GET with fields that are passed on as they are. */
    private static Good get(String name, String fields) {
        return get(name, fields, fields);
    }

    private static Good post(String name, String field, String body) {
        String head = "POST /case HTTP/1.1\r\n" + HOST + field + "\r\n";
        return new Good(name, head + "\r\n" + body, head + Edge.FORWARDED + "\r\n" + body);
    }

    private static Good chunks(String name, String body) {
        return post(name, "Transfer-Encoding: chunked", body);
    }

    private static Stream<Good> lines() {
        String absolute = "GET http://b:8080/case?x=y HTTP/1.1\r\n";
        return Stream.of(
                line("GET", "GET /case HTTP/1.1"),
                line("HEAD", "HEAD /case HTTP/1.1"),
                line("DELETE", "DELETE /case HTTP/1.1"),
                line("OPTIONS of a path", "OPTIONS /case HTTP/1.1"),
                line("OPTIONS of the server", "OPTIONS * HTTP/1.1"),
                line("a method that nobody knows", "BREW-it.1 /case HTTP/1.1"),
                line("a method in lower case", "get /case HTTP/1.1"),
                line("the root", "GET / HTTP/1.1"),
                line("a query", "GET /case?a=b&c=d HTTP/1.1"),
                line("an empty query", "GET /case? HTTP/1.1"),
                line("question marks in the query", "GET /case?a?b?c HTTP/1.1"),
                line("a backslash in the query", "GET /case?a\\b HTTP/1.1"),
                line("two slashes", "GET //case HTTP/1.1"),
                line("dots and escapes", "GET /a/../b/./%2e%2e/%c3%A9/.x/... HTTP/1.1"),
                line("all visible characters but two", "GET /!\"$%25&'()*+,-./:;<=>@[]^_`{|}~ HTTP/1.1"),
                line("a URL in the path", "GET /http://b/c HTTP/1.1"),
                line("an empty line before it", "\r\nGET /case HTTP/1.1", "GET /case HTTP/1.1"),
                new Good(
                        "absolute form",
                        absolute + "Host: b:8080\r\n\r\n",
                        "GET /case?x=y HTTP/1.1\r\nHost: b:8080\r\n" + Edge.FORWARDED + "\r\n"),
                new Good(
                        "absolute form with another Host",
                        absolute + "A: 1\r\nHost: a\r\nB: 2\r\n\r\n",
                        "GET /case?x=y HTTP/1.1\r\nHost: b:8080\r\nA: 1\r\nB: 2\r\n" + Edge.FORWARDED + "\r\n"),
                new Good(
                        "absolute form without a path",
                        "GET HTTP://b HTTP/1.1\r\n" + HOST + "\r\n",
                        "GET / HTTP/1.1\r\nHost: b\r\n" + Edge.FORWARDED + "\r\n"),
                new Good(
                        "absolute form with a query only",
                        "GET http://[::1]?x HTTP/1.1\r\n" + HOST + "\r\n",
                        "GET /?x HTTP/1.1\r\nHost: [::1]\r\n" + Edge.FORWARDED + "\r\n"),
                new Good(
                        "OPTIONS in absolute form without a path",
                        "OPTIONS http://b HTTP/1.1\r\n" + HOST + "\r\n",
                        "OPTIONS * HTTP/1.1\r\nHost: b\r\n" + Edge.FORWARDED + "\r\n"),
                new Good(
                        "OPTIONS in absolute form with a path",
                        "OPTIONS http://b/ HTTP/1.1\r\n" + HOST + "\r\n",
                        "OPTIONS / HTTP/1.1\r\nHost: b\r\n" + Edge.FORWARDED + "\r\n"));
    }

    private static Stream<Good> fields() {
        return Stream.of(
                get("the case of names", "aCCept: x\r\nUSER-AGENT: y\r\nx-z: Z\r\n"),
                get("empty values", "A:\r\nB: \r\nC:\t\r\n"),
                get("blanks around values", "A:a\r\nB:   b   \r\nC:\tc\t\r\nD: d d\td\r\n"),
                get("high bytes in a value", "A: \u00c3\u00a9 \u00ff\u0080\r\n"),
                get("colons in a value", "A: b: c:\r\n"),
                get("a name of all that a token may have", "!#$%&'*+-.^`|~09azAZ: x\r\n"),
                get("several of one name", "A: 1\r\nB: 2\r\na: 3\r\nA: 1\r\n"),
                get("cookies", "Cookie: a=b; c=d\r\nCookie: e=\"f\"\r\n"),
                get("names that resemble others", "Content-Lengt: 1\r\nContent-Lengths: 2\r\nXHost: b\r\nHosts: c\r\n"),
                get(
                        "Expect, Trailer, Via and Max-Forwards",
                        "Expect: x\r\nTrailer: X\r\nVia: 1.0 b\r\nMax-Forwards: 0\r\n"),
                get(
                        "fields of this connection only",
                        "A: 1\r\nKeep-Alive: 5\r\nB: 2\r\nProxy-Connection: close\r\nTE: trailers\r\nUpgrade: h2c\r\n",
                        "A: 1\r\nB: 2\r\n"),
                get("Connection", "A: 1\r\nConnection: keep-alive\r\nB: 2\r\n", "A: 1\r\nB: 2\r\n"),
                get("Connection: close", "Connection: close\r\nB: 2\r\n", "B: 2\r\n"),
                get("two of Connection", "Connection: CLOSE,close\r\nB: 2\r\nConnection: x\r\n", "B: 2\r\n"),
                get("an empty list in Connection", "Connection:\r\nConnection: ,\r\nConnection: , ,\r\n", ""),
                get(
                        "fields that Connection names",
                        "X-First: 1\r\nB: 2\r\nx-first: 3\r\nConnection: b , X-FIRST,\tcookie\r\nCookie: c\r\nBB: 4\r\n",
                        "Cookie: c\r\nBB: 4\r\n"),
                get(
                        "credentials that Connection names",
                        "Connection: Authorization\r\nAUTHORIZATION: x\r\n",
                        "AUTHORIZATION: x\r\n"),
                get("h2c", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n", ""),
                get("a Connection of the length that it may have", "Connection: " + "b".repeat(256) + "\r\n", ""));
    }

    private static Stream<Good> forwarded() {
        return Stream.of(
                get("X-Forwarded-For", "A: 1\r\nX-Forwarded-For: 1.2.3.4\r\nB: 2\r\n", "A: 1\r\nB: 2\r\n"),
                get("two of X-Forwarded-For", "x-forwarded-for: 1.2.3.4\r\nX-FORWARDED-FOR: ::1\r\n", ""),
                get("X-Forwarded-Proto", "X-Forwarded-Proto: https\r\n", ""),
                get("X-Forwarded-Host and -Port", "X-Forwarded-Host: b\r\nX-Forwarded-Port: 443\r\n", ""),
                get("X-Forwarded-Client-srcport", "X-Forwarded-Client-srcport: 1\r\n", ""),
                get("X-Forwarded-Clientcert", "X-Forwarded-Clientcert-clientverify: SUCCESS\r\n", ""),
                get("SLB-ID and SLB-IP", "SLB-ID: x\r\nslb-ip: 1.2.3.4\r\n", ""),
                get("Forwarded", "Forwarded: for=1.2.3.4;proto=https\r\n", ""),
                get("names that resemble them", "X-Forwarded: 1\r\nX-Forwarded-: 2\r\nSLB-IX: 3\r\n"),
                get("Connection that names what we add", "Connection: x-forwarded-for, via\r\nVia: 1.1 b\r\n", ""));
    }

    private static Stream<Good> hosts() {
        return Stream.of(
                        "a:80",
                        "A.Example.ORG",
                        "a.",
                        "127.0.0.1:8080",
                        "[::1]",
                        "[2001:db8::1]:443",
                        "a:",
                        "a_b",
                        "a:0",
                        "[::ffff:127.0.0.1]",
                        "xn--bcher-kva.example",
                        "123",
                        "a:65535")
                .map(host -> new Good(
                        "Host: " + host,
                        "GET /case HTTP/1.1\r\nhOST:" + host + "  \r\n\r\n",
                        "GET /case HTTP/1.1\r\nhOST:" + host + "  \r\n" + Edge.FORWARDED + "\r\n"));
    }

    private static Stream<Good> bodies() {
        return Stream.of(
                post("a body", "Content-Length: 5", "hello"),
                post("an empty body", "Content-Length: 0", ""),
                post("a body that looks like a request", "Content-Length: 36", BadRequests.SMUGGLED + "!"),
                post("a large body", "Content-Length: 50000", "x".repeat(50_000)),
                post("a length in lower case", "content-length:5", "hello"),
                post("chunks", "Transfer-Encoding: chunked", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
                post("chunks in other cases", "tRANSFER-eNCODING:   Chunked  ", "5\r\nhello\r\n0\r\n\r\n"),
                chunks("no chunks", "0\r\n\r\n"),
                chunks("a large chunk", "C350\r\n" + "x".repeat(50_000) + "\r\n0\r\n\r\n"),
                chunks("chunks of a byte", "1\r\nx\r\n".repeat(300) + "0\r\n\r\n"),
                chunks("sizes in both cases", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"),
                chunks("sizes with zeros", "005\r\nhello\r\n000000000000000\r\n\r\n"),
                chunks("extensions", "5;a\r\nhello\r\n5;a=b;c;d=e\r\nworld\r\n0;last\r\n\r\n"),
                chunks(
                        "an extension of the length that it may have",
                        "5;" + "a".repeat(256) + "\r\nhello\r\n0\r\n\r\n"),
                chunks("trailers", "5\r\nhello\r\n0\r\nX-Sum: 1\r\nY:\r\nZ:  \u00e9 \r\n\r\n"),
                chunks("a chunk that looks like the last one", "5\r\n0\r\n\r\n\r\n0\r\n\r\n"),
                chunks("a trailer with a long name", "0\r\n" + "x".repeat(100) + ": y\r\n\r\n"),
                post("a body of GET in all but name", "Content-Length: 2\r\nX-HTTP-Method-Override: GET", "hi"));
    }

    private static Stream<Good> old() {
        String forwarded = Edge.FORWARDED.replace("Via: 1.1", "Via: 1.0");
        return Stream.of(
                new Good("HTTP/1.0", "GET /case HTTP/1.0\r\n\r\n", "GET /case HTTP/1.0\r\n" + forwarded + "\r\n"),
                new Good(
                        "HTTP/1.0 with Host",
                        "GET /case HTTP/1.0\r\nHost: a\r\n\r\n",
                        "GET /case HTTP/1.0\r\nHost: a\r\n" + forwarded + "\r\n"),
                new Good(
                        "HTTP/1.0 in absolute form",
                        "GET http://b/case HTTP/1.0\r\n\r\n",
                        "GET /case HTTP/1.0\r\nHost: b\r\n" + forwarded + "\r\n"),
                new Good(
                        "HTTP/1.0 that wants to be kept alive",
                        "GET /case HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                        "GET /case HTTP/1.0\r\n" + forwarded + "\r\n"),
                new Good(
                        "HTTP/1.0 with a body",
                        "POST /case HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",
                        "POST /case HTTP/1.0\r\nContent-Length: 5\r\n" + forwarded + "\r\nhello"));
    }

    private static Stream<Good> limits() {
        String most =
                IntStream.rangeClosed(1, 99).mapToObj(i -> "F" + i + ": x\r\n").reduce("", String::concat);
        return Stream.of(
                line("a request line of the length that it may have", BadRequests.requestLine(8_192)),
                get("a head of the size that it may have", BadRequests.head(16_384) + "\r\n"),
                get("as many fields as there may be", most));
    }
}
