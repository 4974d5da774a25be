package io.clb.l7;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads requests by the letter of RFC 9112, with regular expressions, and in no way like {@link HeadScanner}: it knows of no leniency, so whatever it takes for one
 * request is one, and whatever it does not is a {@link Fault} of whoever sent it.
 */
class StrictReader {

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern REQUEST_LINE =
            Pattern.compile(TOKEN + " (?<target>/[\\x21-\\x7e&&[^#]]*|\\*) HTTP/1\\.(?<minor>[01])");
    private static final Pattern FIELD = Pattern.compile(
            "(?<name>" + TOKEN + "):[ \\t]*"
                    + "(?<value>|[\\x21-\\x7e\\x80-\\xff]|[\\x21-\\x7e\\x80-\\xff][\\x20-\\x7e\\x80-\\xff\\t]*[\\x21-\\x7e\\x80-\\xff])[ \\t]*");
    private static final Pattern CHUNK =
            Pattern.compile("(?<size>[0-9A-Fa-f]{1,15})(;" + TOKEN + "(=" + TOKEN + ")?)*");
    private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,17}");

    private final InputStream in;
    private final StringBuilder seen = new StringBuilder();

    /**
     * A request.
     *
     * @param text all of its bytes
     * @param fields as in {@code name:value}
     * @param body without what frames it
     * @param trailers as fields
     */
    record Request(String text, String line, List<String> fields, String body, List<String> trailers) {

        boolean isOld() {
            return line.endsWith("0");
        }
    }

    /** Something that is no request. */
    static final class Fault extends IOException {

        private static final long serialVersionUID = 1;

        Fault(String message) {
            super(message);
        }
    }

    StrictReader(InputStream in) {
        this.in = in;
    }

    /** What was read of the request under way. */
    final String seen() {
        return seen.toString();
    }

    /** More is read than has come. */
    void waits() {}

    /** Reads the next request. At the end of the stream, whether a request has begun or not, an {@link EOFException}. */
    final Request next() throws IOException {
        seen.setLength(0);
        String first = line();
        Matcher requestLine = REQUEST_LINE.matcher(first);
        if (!requestLine.matches()) {
            throw new Fault("no request line");
        }
        List<String> fields = new ArrayList<>();
        List<String> lengths = new ArrayList<>();
        List<String> codings = new ArrayList<>();
        int hosts = 0;
        for (String line = line(); !line.isEmpty(); line = line()) {
            Matcher field = field(line);
            String name = field.group("name");
            fields.add(name + ":" + field.group("value"));
            if (name.equalsIgnoreCase("content-length")) {
                lengths.add(field.group("value"));
            } else if (name.equalsIgnoreCase("transfer-encoding")) {
                codings.add(field.group("value"));
            } else if (name.equalsIgnoreCase("host")) {
                hosts++;
            }
        }
        boolean old = requestLine.group("minor").equals("0");
        if (hosts > 1 || (hosts == 0 && !old)) {
            throw new Fault(hosts + " hosts");
        }
        List<String> trailers = new ArrayList<>();
        String body = body(lengths, codings, old, trailers);
        return new Request(seen(), first, List.copyOf(fields), body, List.copyOf(trailers));
    }

    private String body(List<String> lengths, List<String> codings, boolean old, List<String> trailers)
            throws IOException {
        if (lengths.size() + codings.size() > 1 || (old && !codings.isEmpty())) {
            throw new Fault("two ways to frame it");
        }
        if (!lengths.isEmpty()) {
            if (!LENGTH.matcher(lengths.get(0)).matches()) {
                throw new Fault("no length");
            }
            return data(Long.parseLong(lengths.get(0)));
        }
        if (codings.isEmpty()) {
            return "";
        }
        if (!codings.get(0).equalsIgnoreCase("chunked")) {
            throw new Fault("an unknown coding");
        }
        return chunks(trailers);
    }

    private String chunks(List<String> trailers) throws IOException {
        StringBuilder body = new StringBuilder();
        while (true) {
            Matcher chunk = CHUNK.matcher(line());
            if (!chunk.matches()) {
                throw new Fault("no size of a chunk");
            }
            long size = Long.parseLong(chunk.group("size"), 16);
            if (size == 0) {
                break;
            }
            body.append(data(size));
            if (!line().isEmpty()) {
                throw new Fault("more data than the size says");
            }
        }
        for (String line = line(); !line.isEmpty(); line = line()) {
            Matcher field = field(line);
            trailers.add(field.group("name") + ":" + field.group("value"));
        }
        return body.toString();
    }

    private static Matcher field(String line) throws Fault {
        Matcher field = FIELD.matcher(line);
        if (!field.matches()) {
            throw new Fault("no field");
        }
        return field;
    }

    private String data(long bytes) throws IOException {
        int start = seen.length();
        for (long i = 0; i < bytes; i++) {
            take();
        }
        return seen.substring(start);
    }

    private String line() throws IOException {
        int start = seen.length();
        while (true) {
            char c = take();
            if (c == '\r') {
                if (take() != '\n') {
                    throw new Fault("CR without LF");
                }
                return seen.substring(start, seen.length() - 2);
            }
            if (c == '\n') {
                throw new Fault("LF without CR");
            }
        }
    }

    private char take() throws IOException {
        if (in.available() == 0) {
            waits();
        }
        int b = in.read();
        if (b < 0) {
            throw new EOFException();
        }
        seen.append((char) b);
        return (char) b;
    }
}
