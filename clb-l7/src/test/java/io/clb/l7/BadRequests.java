package io.clb.l7;

import static io.clb.spi.Reason.BAD_BODY;
import static io.clb.spi.Reason.BAD_FIELD;
import static io.clb.spi.Reason.BAD_FRAMING;
import static io.clb.spi.Reason.BAD_HOST;
import static io.clb.spi.Reason.BAD_REQUEST_LINE;
import static io.clb.spi.Reason.REQUEST_HEAD_TOO_LARGE;
import static io.clb.spi.Reason.REQUEST_LINE_TOO_LONG;

import io.clb.spi.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** Requests that must not reach a server, by what is wrong with them: those of the papers on request smuggling, and all that RFC 9112 forbids. */
final class BadRequests {

    /** A second request, for a server that reads the first one in another way than the balancer does. */
    static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

    /** A body that a server takes for one in chunks, and for the length of 6 bytes. */
    private static final String CHUNKS = "0\r\n\r\nG";

    private static final String DEFAULT_HEAD = "POST /case HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    /**
     * A request whose head is refused.
     *
     * @param bytes in ISO-8859-1
     */
    record Head(String name, String bytes, Reason reason) {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * A request in chunks, of which something is refused.
     *
     * @param good what may be passed on before it is
     * @param bad what must not
     */
    record Body(String name, String good, String bad) {

        String head() {
            return DEFAULT_HEAD;
        }

        Reason reason() {
            return BAD_BODY;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private BadRequests() {}

    /** All whose head is refused. */
    static List<Head> heads() {
        return Stream.of(
                        bothFramings(),
                        codings(),
                        lengths(),
                        lineEnds(),
                        fields(),
                        requestLines(),
                        targets(),
                        hosts(),
                        connections(),
                        sizes(),
                        garbage())
                .flatMap(s -> s)
                .toList();
    }

    private static Head framing(String name, String fields) {
        return post(name, fields, BAD_FRAMING);
    }

    private static Head post(String name, String fields, Reason reason) {
        return new Head(name, "POST /case HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n" + CHUNKS, reason);
    }

    private static Head get(String name, String field) {
        return get(name, field, BAD_FIELD);
    }

    private static Head get(String name, String field, Reason reason) {
        return new Head(name, "GET /case HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n", reason);
    }

    private static Head line(String name, String requestLine) {
        return line(name, requestLine, BAD_REQUEST_LINE);
    }

    private static Head line(String name, String requestLine, Reason reason) {
        return new Head(name, requestLine + "\r\nHost: a\r\n\r\n", reason);
    }

    private static Head host(String name, String field) {
        return new Head(name, "GET /case HTTP/1.1\r\n" + field + "\r\n\r\n", BAD_HOST);
    }

    private static Stream<Head> bothFramings() {
        return Stream.of(
                framing("CL.TE", "Content-Length: 6\r\nTransfer-Encoding: chunked"),
                framing("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 6"),
                framing("CL.TE with a length of 0", "Content-Length: 0\r\nTransfer-Encoding: chunked"),
                framing("CL.TE with a field between", "Content-Length: 6\r\nX: y\r\nTransfer-Encoding: chunked"),
                framing("CL.TE in other cases", "content-length: 6\r\nTRANSFER-ENCODING: chunked"),
                new Head(
                        "TE on HTTP/1.0",
                        "POST /case HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS,
                        BAD_FRAMING),
                new Head(
                        "CL.TE on HTTP/1.0",
                        "POST /case HTTP/1.0\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS,
                        BAD_FRAMING));
    }

    private static Stream<Head> codings() {
        return Stream.of(
                post("a blank before TE's colon", "Transfer-Encoding : chunked", BAD_FIELD),
                post("a tab before TE's colon", "Transfer-Encoding\t: chunked", BAD_FIELD),
                framing("a tab before chunked", "Transfer-Encoding:\tchunked"),
                framing("a blank and a tab before chunked", "Transfer-Encoding: \tchunked"),
                framing("a tab after chunked", "Transfer-Encoding: chunked\t"),
                framing("xchunked", "Transfer-Encoding: xchunked"),
                framing("chunkedx", "Transfer-Encoding: chunkedx"),
                framing("chunked, identity", "Transfer-Encoding: chunked, identity"),
                framing("identity, chunked", "Transfer-Encoding: identity, chunked"),
                framing("identity", "Transfer-Encoding: identity"),
                framing("identity with a length", "Transfer-Encoding: identity\r\nContent-Length: 6"),
                framing("gzip, chunked", "Transfer-Encoding: gzip, chunked"),
                framing("gzip", "Transfer-Encoding: gzip"),
                framing("cow", "Transfer-Encoding: cow"),
                framing("chunked, chunked", "Transfer-Encoding: chunked, chunked"),
                framing("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
                framing("chunked, then identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
                framing("identity, then chunked", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"),
                framing("x, then chunked", "Transfer-Encoding: x\r\nTransfer-Encoding: chunked"),
                framing("chunked, then x", "Transfer-Encoding: chunked\r\ntransfer-encoding: x"),
                framing("upper case with a comma after it", "Transfer-Encoding: CHUNKED,"),
                framing("a comma before chunked", "Transfer-Encoding: ,chunked"),
                framing("chunked with a parameter", "Transfer-Encoding: chunked;a=b"),
                framing("chunked with a semicolon", "Transfer-Encoding: chunked;"),
                framing("quoted", "Transfer-Encoding: \"chunked\""),
                framing("in single quotes", "Transfer-Encoding: 'chunked'"),
                framing("in angle brackets", "Transfer-Encoding: <chunked>"),
                framing("empty coding", "Transfer-Encoding:"),
                framing("blank coding", "Transfer-Encoding:   "),
                framing("a blank inside chunked", "Transfer-Encoding: chu nked"),
                framing("chunked with high bytes", "Transfer-Encoding: chunked\u00a0"),
                framing(
                        "chunked in another alphabet",
                        "Transfer-Encoding: chun\u00e2\u201aed".replace('\u201a', '\u0082')),
                post("a vertical tab before chunked", "Transfer-Encoding: \u000bchunked", BAD_FIELD),
                post("a form feed after chunked", "Transfer-Encoding: chunked\f", BAD_FIELD),
                post("NUL after chunked", "Transfer-Encoding: chunked\0", BAD_FIELD),
                post("NUL in the name", "Transfer-Encoding\0: chunked", BAD_FIELD),
                framing("folded", "Transfer-Encoding:\r\n chunked"),
                framing("folded with a tab", "Transfer-Encoding: x\r\n\tchunked"),
                post("a blank before the name", " Transfer-Encoding: chunked", BAD_FIELD),
                post("a blank in the name", "Transfer Encoding: chunked", BAD_FIELD),
                post("TE behind a bare LF", "X: y\nTransfer-Encoding: chunked", BAD_FIELD),
                post("TE behind a bare CR", "X: y\rTransfer-Encoding: chunked", BAD_FIELD),
                post("TE without a colon", "Transfer-Encoding chunked", BAD_FIELD),
                post("a byte order mark before the name", "\u00ef\u00bb\u00bfTransfer-Encoding: chunked", BAD_FIELD),
                post("an underscore in TE", "Transfer_Encoding: chunked", BAD_FIELD),
                post("an underscore in TE, with a length", "Content-Length: 6\r\ntransfer_encoding: x", BAD_FIELD));
    }

    private static Stream<Head> lengths() {
        return Stream.of(
                framing("two different lengths", "Content-Length: 6\r\nContent-Length: 5"),
                framing("two equal lengths", "Content-Length: 6\r\nContent-Length: 6"),
                framing("two lengths in other cases", "Content-Length: 6\r\ncontent-length: 0"),
                framing("a list of lengths", "Content-Length: 6, 6"),
                framing("a list of different lengths", "Content-Length: 5,6"),
                framing("a length with a comma", "Content-Length: 6,"),
                framing("a positive length", "Content-Length: +6"),
                framing("a negative length", "Content-Length: -6"),
                framing("minus zero", "Content-Length: -0"),
                framing("a hexadecimal length", "Content-Length: 0x6"),
                framing("a hexadecimal digit", "Content-Length: a"),
                framing("an empty length", "Content-Length:"),
                framing("a blank length", "Content-Length:  "),
                framing("a length of 64 bits", "Content-Length: 18446744073709551622"),
                framing("a length of 63 bits", "Content-Length: 9223372036854775808"),
                framing("a length of 32 bits, in 30 digits", "Content-Length: 000000000000000000004294967302"),
                framing("leading zeros", "Content-Length: 06"),
                framing("only zeros", "Content-Length: 00"),
                framing("a blank inside", "Content-Length: 1 6"),
                framing("a tab inside", "Content-Length: 1\t6"),
                framing("a tab before the length", "Content-Length:\t6"),
                framing("a tab after the length", "Content-Length: 6\t"),
                framing("a fraction", "Content-Length: 6.0"),
                framing("an exponent", "Content-Length: 6e0"),
                framing("an underscore in the number", "Content-Length: 1_6"),
                framing("a semicolon after the length", "Content-Length: 6;"),
                framing("quoted length", "Content-Length: \"6\""),
                framing("Arabic digits", "Content-Length: \u00d9\u00a6"),
                post("an underscore in CL", "Content_Length: 6", BAD_FIELD),
                post("a blank before CL's colon", "Content-Length : 6", BAD_FIELD),
                framing("a folded length", "Content-Length:\r\n 6"),
                post("NUL after the length", "Content-Length: 6\0", BAD_FIELD),
                post("a length behind a bare LF", "X: y\nContent-Length: 6", BAD_FIELD),
                post("a length behind CR CR LF", "X: y\r\r\nContent-Length: 6", BAD_FIELD));
    }

    private static Stream<Head> lineEnds() {
        return Stream.of(
                new Head("LF only", "GET /case HTTP/1.1\nHost: a\n\n", BAD_REQUEST_LINE),
                new Head("LF after the request line", "GET /case HTTP/1.1\nHost: a\r\n\r\n", BAD_REQUEST_LINE),
                new Head("CR after the request line", "GET /case HTTP/1.1\rHost: a\r\n\r\n", BAD_REQUEST_LINE),
                new Head(
                        "CR CR LF after the request line", "GET /case HTTP/1.1\r\r\nHost: a\r\n\r\n", BAD_REQUEST_LINE),
                new Head("LF after a field", "GET /case HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", BAD_FIELD),
                new Head("CR after a field", "GET /case HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", BAD_FIELD),
                new Head("CR CR LF after a field", "GET /case HTTP/1.1\r\nHost: a\r\r\n\r\n", BAD_FIELD),
                new Head("LF at the end", "GET /case HTTP/1.1\r\nHost: a\r\n\n", BAD_FIELD),
                new Head("CR CR LF at the end", "GET /case HTTP/1.1\r\nHost: a\r\n\r\r\n", BAD_FIELD),
                new Head("CR and no LF at the end", "GET /case HTTP/1.1\r\nHost: a\r\n\rX", BAD_FIELD),
                new Head("LF before the request", "\nGET /case HTTP/1.1\r\nHost: a\r\n\r\n", BAD_REQUEST_LINE),
                new Head("CR before the request", "\rGET /case HTTP/1.1\r\nHost: a\r\n\r\n", BAD_REQUEST_LINE),
                new Head("two empty lines before", "\r\n\r\nGET /case HTTP/1.1\r\nHost: a\r\n\r\n", BAD_REQUEST_LINE),
                new Head("a blank before the request", " GET /case HTTP/1.1\r\nHost: a\r\n\r\n", BAD_REQUEST_LINE));
    }

    private static Stream<Head> fields() {
        return Stream.of(
                get("NUL in a value", "X: a\0b"),
                get("BEL in a value", "X: a\u0007b"),
                get("backspace in a value", "X: a\bb"),
                get("ESC in a value", "X: \u001b[31m"),
                get("DEL in a value", "X: a\u007f"),
                get("a vertical tab in a value", "X: a\u000bb"),
                get("a folded field", "X: a\r\n b"),
                get("a field folded with a tab", "X: a\r\n\tb"),
                get("a blank before the first field's name", " X: a"),
                get("a blank before the colon", "X : a"),
                get("a tab before the colon", "X\t: a"),
                get("an empty name", ": a"),
                get("nothing but a colon", ":"),
                get("nothing but blanks", "  "),
                get("no colon", "X"),
                get("no colon, but a value", "X a"),
                get("a blank in a name", "X Y: a"),
                get("a slash in a name", "X/Y: a"),
                get("brackets in a name", "X(Y): a"),
                get("an at sign in a name", "X@Y: a"),
                get("a quote in a name", "\"X\": a"),
                get("a comma in a name", "X,Y: a"),
                get("NUL in a name", "X\0Y: a"),
                get("a control character in a name", "X\u0001: a"),
                get("high bytes in a name", "\u00c3\u0084: a"),
                get("a request line among the fields", "GET /smuggled HTTP/1.1"));
    }

    private static Stream<Head> requestLines() {
        return Stream.of(
                line("two blanks before the target", "GET  /case HTTP/1.1"),
                line("two blanks before the version", "GET /case  HTTP/1.1"),
                line("a tab before the target", "GET\t/case HTTP/1.1"),
                line("a tab before the version", "GET /case\tHTTP/1.1"),
                line("a blank after the version", "GET /case HTTP/1.1 "),
                line("no blank before the version", "GET /caseHTTP/1.1"),
                line("a blank in the target", "GET /case /smuggled HTTP/1.1"),
                line("no target", "GET HTTP/1.1"),
                line("an empty target", "GET  HTTP/1.1"),
                line("no method", " /case HTTP/1.1"),
                line("a method that is no token", "G(T /case HTTP/1.1"),
                line("a colon in the method", "GET: /case HTTP/1.1"),
                line("a control character in the method", "GE\u0001T /case HTTP/1.1"),
                line("high bytes in the method", "G\u00c9T /case HTTP/1.1"),
                line("NUL before the method", "\0GET /case HTTP/1.1"),
                line("HTTP/0.9", "GET /case"),
                line("HTTP/0.9 by name", "GET /case HTTP/0.9"),
                line("HTTP/1.2", "GET /case HTTP/1.2"),
                line("HTTP/1.10", "GET /case HTTP/1.10"),
                line("HTTP/1.01", "GET /case HTTP/1.01"),
                line("HTTP/01.1", "GET /case HTTP/01.1"),
                line("HTTP/1", "GET /case HTTP/1"),
                line("HTTP/1.", "GET /case HTTP/1."),
                line("HTTP/2.0", "GET /case HTTP/2.0"),
                line("HTTP/11", "GET /case HTTP/11"),
                line("HTTP/-1.1", "GET /case HTTP/-1.1"),
                line("HTTP 1.1", "GET /case HTTP 1.1"),
                line("lower case http", "GET /case http/1.1"),
                line("HTTPS", "GET /case HTTPS/1.1"),
                line("another protocol", "GET /case ICY/1.1"),
                line("SIP", "OPTIONS sip:a@b SIP/2.0"),
                new Head("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BAD_REQUEST_LINE));
    }

    private static Stream<Head> targets() {
        return Stream.of(
                line("a fragment", "GET /case#x HTTP/1.1"),
                line("nothing but a fragment", "GET # HTTP/1.1"),
                line("a backslash in the path", "GET /case\\..\\x HTTP/1.1"),
                line("a backslash for a slash", "GET \\case HTTP/1.1"),
                line("NUL in the target", "GET /case\0 HTTP/1.1"),
                line("a control character in the target", "GET /ca\u0001se HTTP/1.1"),
                line("DEL in the target", "GET /ca\u007fse HTTP/1.1"),
                line("a vertical tab in the target", "GET /ca\u000bse HTTP/1.1"),
                line("high bytes in the target", "GET /\u00c3\u00a9 HTTP/1.1"),
                line("a relative path", "GET case HTTP/1.1"),
                line("a query only", "GET ?x HTTP/1.1"),
                line("asterisk with GET", "GET * HTTP/1.1"),
                line("asterisk and more", "OPTIONS *x HTTP/1.1"),
                line("asterisk and a query", "OPTIONS *?x HTTP/1.1"),
                line("CONNECT", "CONNECT a:443 HTTP/1.1"),
                line("CONNECT in origin form", "CONNECT /case HTTP/1.1"),
                line("CONNECT in absolute form", "CONNECT http://a/ HTTP/1.1"),
                line("authority form with GET", "GET a:80 HTTP/1.1"),
                line("https", "GET https://a/case HTTP/1.1"),
                line("ftp", "GET ftp://a/case HTTP/1.1"),
                line("file", "GET file:///etc/passwd HTTP/1.1"),
                line("javascript", "GET javascript:alert(1) HTTP/1.1"),
                line("one slash after the scheme", "GET http:/a/case HTTP/1.1"),
                line("no slash after the scheme", "GET http:a HTTP/1.1"),
                line("no scheme", "GET ://a/case HTTP/1.1"),
                line("backslashes after the scheme", "GET http:\\\\a\\case HTTP/1.1"),
                line("no host after the scheme", "GET http:// HTTP/1.1", BAD_HOST),
                line("an empty host", "GET http:///case HTTP/1.1", BAD_HOST),
                line("an empty host with a port", "GET http://:80/case HTTP/1.1", BAD_HOST),
                line("a user", "GET http://user@a/case HTTP/1.1", BAD_HOST),
                line("a user and a password", "GET http://user:secret@a/case HTTP/1.1", BAD_HOST),
                line("a backslash in the host", "GET http://a\\@b/case HTTP/1.1", BAD_HOST),
                line("a port that is no number", "GET http://a:b/case HTTP/1.1", BAD_HOST),
                line("a backslash in the path of the absolute form", "GET http://a/\\b HTTP/1.1"),
                new Head("absolute form without Host", "GET http://a/case HTTP/1.1\r\n\r\n", BAD_HOST),
                new Head("absolute form, two Hosts", "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", BAD_HOST));
    }

    private static Stream<Head> hosts() {
        return Stream.of(
                new Head("no Host", "GET /case HTTP/1.1\r\n\r\n", BAD_HOST),
                new Head("no Host, but fields", "GET /case HTTP/1.1\r\nX: y\r\nHosts: a\r\n\r\n", BAD_HOST),
                host("two Hosts", "Host: a\r\nHost: b"),
                host("two equal Hosts", "Host: a\r\nHost: a"),
                host("two Hosts in other cases", "Host: a\r\nhOST: b"),
                host("two Hosts with a field between", "Host: a\r\nX: y\r\nHost: b"),
                host("an empty Host", "Host:"),
                host("a blank Host", "Host:  "),
                host("a blank in Host", "Host: a b"),
                host("a tab before Host", "Host:\ta"),
                host("a tab after Host", "Host: a\t"),
                host("a tab in Host", "Host: a\tb"),
                host("a slash in Host", "Host: a/b"),
                host("a backslash in Host", "Host: a\\b"),
                host("a user in Host", "Host: user@a"),
                host("a list of Hosts", "Host: a, b"),
                host("a list of Hosts without a blank", "Host: a,b"),
                host("a semicolon in Host", "Host: a;b"),
                host("a query in Host", "Host: a?b"),
                host("a fragment in Host", "Host: a#b"),
                host("a scheme in Host", "Host: http://a"),
                host("an escape in Host", "Host: a%2eb"),
                host("high bytes in Host", "Host: b\u00fccher"),
                host("a quote in Host", "Host: \"a\""),
                host("a port only", "Host: :80"),
                host("several colons", "Host: a:80:80"),
                host("a port that is no number in Host", "Host: a:http"),
                host("a port with a sign", "Host: a:+80"),
                host("a port that is too large", "Host: a:65536"),
                host("a port that is too long", "Host: a:000080"),
                host("a blank before the port", "Host: a :80"),
                host("IPv6 without brackets", "Host: ::1"),
                host("an unclosed bracket", "Host: [::1"),
                host("a bracket that was not opened", "Host: ::1]"),
                host("empty brackets", "Host: []"),
                host("no address in the brackets", "Host: [a]"),
                host("a name in the brackets", "Host: [example]"),
                host("IPv4 in the brackets", "Host: [127.0.0.1]"),
                host("too long an address", "Host: [1:2:3:4:5:6:7:8:9]"),
                host("a zone in the brackets", "Host: [fe80::1%25eth0]"),
                host("text after the brackets", "Host: [::1]a"),
                host("a user before the brackets", "Host: user@[::1]"),
                new Head("a blank before Host's colon", "GET /case HTTP/1.1\r\nHost : a\r\n\r\n", BAD_FIELD),
                new Head("a folded Host", "GET /case HTTP/1.1\r\nHost: a\r\n .b\r\n\r\n", BAD_FIELD),
                new Head("NUL in Host", "GET /case HTTP/1.1\r\nHost: a\0b\r\n\r\n", BAD_FIELD),
                new Head("two Hosts on HTTP/1.0", "GET /case HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", BAD_HOST),
                new Head("a bad Host on HTTP/1.0", "GET /case HTTP/1.0\r\nHost: a b\r\n\r\n", BAD_HOST));
    }

    private static Stream<Head> connections() {
        return Stream.of(
                get("Connection names Host", "Connection: close, host"),
                get("Connection names Content-Length", "Connection: Content-Length"),
                get("Connection names Transfer-Encoding", "Connection: keep-alive,transfer-encoding"),
                get("Connection names Transfer_Encoding", "Connection: transfer_encoding"),
                get("Connection with a slash", "Connection: a/b"),
                get("Connection with a semicolon", "Connection: close; a"),
                get("Connection with quotes", "Connection: \"close\""),
                get("Connection with two words", "Connection: close host"),
                get("Connection with high bytes", "Connection: cl\u00f6se"),
                get("a Connection that is too long", "Connection: " + "a,".repeat(150)),
                get(
                        "Connections that are too long together",
                        ("Connection: " + "a".repeat(90) + "\r\n").repeat(3) + "X: y"));
    }

    private static Stream<Head> sizes() {
        return Stream.of(
                line("a request line of one byte too many", requestLine(8_193), REQUEST_LINE_TOO_LONG),
                line("a request line that is far too long", requestLine(100_000), REQUEST_LINE_TOO_LONG),
                new Head("a method without end", "A".repeat(20_000), REQUEST_LINE_TOO_LONG),
                get("a field that is too large", "X: " + "a".repeat(20_000), REQUEST_HEAD_TOO_LARGE),
                get("a name that is too large", "X".repeat(20_000) + ": a", REQUEST_HEAD_TOO_LARGE),
                get("a head of one byte too many", head(16_385), REQUEST_HEAD_TOO_LARGE),
                get("a field too many", fields(101), REQUEST_HEAD_TOO_LARGE),
                get("far too many fields", fields(1_000), REQUEST_HEAD_TOO_LARGE));
    }

    private static Stream<Head> garbage() {
        byte[] hello = Base64.getDecoder()
                .decode(
                        "FgMBAFUBAABRAwMAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHwAACBMBEwITA8ArAQAAIAAAAAYABAAAAWEACgAEAAIAHQANAAYABAQDCAQ=");
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        return Stream.of(
                new Head("a ClientHello", new String(hello, StandardCharsets.ISO_8859_1), BAD_REQUEST_LINE),
                new Head("all bytes", new String(all, StandardCharsets.ISO_8859_1), BAD_REQUEST_LINE),
                new Head("nothing but NUL", "\0".repeat(64), BAD_REQUEST_LINE),
                new Head("nothing but 0xff", "\u00ff".repeat(64), BAD_REQUEST_LINE),
                new Head(
                        "the PROXY protocol",
                        "PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                        BAD_REQUEST_LINE),
                new Head("the PROXY protocol, version 2", "\r\n\r\n\0\r\nQUIT\n!\u0011\0\f", BAD_REQUEST_LINE),
                new Head("SSH", "SSH-2.0-OpenSSH_9.6\r\n", BAD_REQUEST_LINE),
                new Head("SMTP", "EHLO example.org\r\n", BAD_REQUEST_LINE),
                new Head("Redis", "*1\r\n$4\r\nPING\r\n", BAD_REQUEST_LINE),
                new Head("a response", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", BAD_REQUEST_LINE));
    }

    /** A request line of a length, CRLF included, without that CRLF. */
    static String requestLine(int length) {
        return "GET /" + "a".repeat(length - "GET / HTTP/1.1\r\n".length()) + " HTTP/1.1";
    }

    /** A field that makes a head of a length out of that of a GET. */
    static String head(int length) {
        return "X: " + "a".repeat(length - "GET /case HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n".length());
    }

    /** Fields, so that with Host there are so many. */
    static String fields(int count) {
        return "X: a\r\n".repeat(count - 2) + "X: a";
    }

    /** All of which a part of the body is refused. */
    static List<Body> bodies() {
        return Stream.of(chunkSizes(), extensions(), data(), trailers())
                .flatMap(s -> s)
                .toList();
    }

    private static Body chunks(String name, String good, String bad) {
        return new Body(name, good, bad);
    }

    private static Stream<Body> chunkSizes() {
        return Stream.of(
                chunks("a size with a plus", "", "+5\r\nhello\r\n0\r\n\r\n"),
                chunks("a negative size", "", "-5\r\nhello\r\n0\r\n\r\n"),
                chunks("a size that begins with 0x", "0", "x5\r\nhello\r\n0\r\n\r\n"),
                chunks("a size with an x in it", "5", "x\r\nhello\r\n0\r\n\r\n"),
                chunks("a blank before the size", "", " 5\r\nhello\r\n0\r\n\r\n"),
                chunks("a tab before the size", "", "\t5\r\nhello\r\n0\r\n\r\n"),
                chunks("a blank after the size", "5", " \r\nhello\r\n0\r\n\r\n"),
                chunks("a tab after the size", "5", "\t\r\nhello\r\n0\r\n\r\n"),
                chunks("a blank in the size", "1", " 0\r\nhello\r\n0\r\n\r\n"),
                chunks("an empty size", "", "\r\nhello\r\n0\r\n\r\n"),
                chunks("a size of 64 bits", "fffffffffffffff", "f\r\nhello\r\n0\r\n\r\n"),
                chunks("a size of 64 bits that overflows to 5", "100000000000000", "05\r\nhello\r\n0\r\n\r\n"),
                chunks("a size with many zeros", "000000000000000", "5\r\nhello\r\n0\r\n\r\n"),
                chunks("a size with an underscore", "1", "_0\r\nhello\r\n0\r\n\r\n"),
                chunks("a size with a comma", "5", ",5\r\nhello\r\n0\r\n\r\n"),
                chunks("a size with a letter", "5", "g\r\nhello\r\n0\r\n\r\n"),
                chunks("a size with an h", "5", "h\r\nhello\r\n0\r\n\r\n"),
                chunks("a size with NUL", "5", "\0\r\nhello\r\n0\r\n\r\n"),
                chunks("a size with high bytes", "", "\u00b5\r\nhello\r\n0\r\n\r\n"),
                chunks("LF after the size", "5", "\nhello\r\n0\r\n\r\n"),
                chunks("CR after the size", "5\r", "hello\r\n0\r\n\r\n"),
                chunks("CR CR LF after the size", "5\r", "\r\nhello\r\n0\r\n\r\n"),
                chunks("LF after the last size", "0", "\n\r\n"),
                chunks("CR after the last size", "0\r", "\r\n\r\n"),
                chunks("a good chunk, then a bad size", "5\r\nhello\r\n", "x\r\n"));
    }

    private static Stream<Body> extensions() {
        return Stream.of(
                chunks("nothing but a semicolon", "", ";\r\nhello\r\n0\r\n\r\n"),
                chunks("a semicolon after the size", "5;", "\r\nhello\r\n0\r\n\r\n"),
                chunks("two semicolons", "5;", ";a\r\nhello\r\n0\r\n\r\n"),
                chunks("a blank before the semicolon", "5", " ;a\r\nhello\r\n0\r\n\r\n"),
                chunks("a blank after the semicolon", "5;", " a\r\nhello\r\n0\r\n\r\n"),
                chunks("no value", "5;a=", "\r\nhello\r\n0\r\n\r\n"),
                chunks("no name", "5;", "=a\r\nhello\r\n0\r\n\r\n"),
                chunks("a quoted value", "5;a=", "\"b\"\r\nhello\r\n0\r\n\r\n"),
                chunks("a quote that goes over the end of the line", "5;a=", "\"\r\nhello\r\n0\r\n\r\n"),
                chunks("LF in an extension", "5;a", "\nhello\r\n0\r\n\r\n"),
                chunks("LF and more in an extension", "5;", "\nxx\r\nhello\r\n0\r\n\r\n"),
                chunks("CR in an extension", "5;a\r", "b\r\nhello\r\n0\r\n\r\n"),
                chunks("NUL in an extension", "5;a", "\0\r\nhello\r\n0\r\n\r\n"),
                chunks("a control character in an extension", "5;a", "\u0001\r\nhello\r\n0\r\n\r\n"),
                chunks("a long extension", "5;" + "a".repeat(256), "a\r\nhello\r\n0\r\n\r\n"));
    }

    private static Stream<Body> data() {
        return Stream.of(
                chunks("LF after the data", "5\r\nhello", "\n0\r\n\r\n"),
                chunks("CR after the data", "5\r\nhello\r", "0\r\n\r\n"),
                chunks("nothing after the data", "5\r\nhello", "0\r\n\r\n"),
                chunks("more data than the size says", "4\r\nhell", "o\r\n0\r\n\r\n"),
                chunks("two bytes more than the size says", "3\r\nhel", "lo0\r\n\r\n"),
                chunks("less data than the size says", "7\r\nhello\r\n", "0\r\n\r\n"),
                chunks("an empty line before the next size", "5\r\nhello\r\n", "\r\n0\r\n\r\n"));
    }

    private static Stream<Body> trailers() {
        return Stream.of(
                chunks("Content-Length in the trailers", "0\r\nContent-Length", ": 6\r\n\r\n"),
                chunks("Transfer-Encoding in the trailers", "0\r\nTransfer-Encoding", ": chunked\r\n\r\n"),
                chunks("Transfer_Encoding in the trailers", "0\r\nTransfer", "_Encoding: chunked\r\n\r\n"),
                chunks("Host in the trailers", "0\r\nhost", ": b\r\n\r\n"),
                chunks("Connection in the trailers", "0\r\nConnection", ": close\r\n\r\n"),
                chunks("X-Forwarded-For in the trailers", "0\r\nX-Forwarded-For", ": 1.2.3.4\r\n\r\n"),
                chunks("a long name of ours", "0\r\nX-Forwarded-Clientcert-clientverify", ": SUCCESS\r\n\r\n"),
                chunks("Cookie behind a good trailer", "0\r\nX: y\r\nCookie", ": a=b\r\n\r\n"),
                chunks("LF in the trailers", "0\r\nX: y", "\n\r\n"),
                chunks("CR in the trailers", "0\r\nX: y\r", "X: z\r\n\r\n"),
                chunks("LF at the end", "0\r\nX: y\r\n", "\n"),
                chunks("LF in place of trailers", "0\r\n", "\n"),
                chunks("CR and no LF at the end", "0\r\n\r", SMUGGLED),
                chunks("a trailer without a colon", "0\r\nX", "\r\n\r\n"),
                chunks("a trailer without a name", "0\r\n", ": y\r\n\r\n"),
                chunks("a blank before the colon in the trailers", "0\r\nX", " : y\r\n\r\n"),
                chunks("a folded trailer", "0\r\nX: y\r\n", " z\r\n\r\n"),
                chunks("a control character in a trailer", "0\r\nX: y", "\u0001\r\n\r\n"),
                chunks("a request in place of trailers", "0\r\nGET", " /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
                chunks("long trailers", "0\r\nX: " + "a".repeat(8_192 - "X: ".length()), "a\r\n\r\n"));
    }
}
