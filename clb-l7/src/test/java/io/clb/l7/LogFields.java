package io.clb.l7;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a line of JSON by the letter of RFC 8259, and no more than stands there: an object of strings, numbers, null, and arrays of those. Whatever else it meets is an
 * error.
 */
final class LogFields {

    private final String text;
    private int at;

    private LogFields(String text) {
        this.text = text;
    }

    /** The values by name: String, Double, null, or a List of those. */
    static Map<String, @Nullable Object> of(String line) {
        LogFields reader = new LogFields(line);
        Map<String, @Nullable Object> fields = reader.object();
        if (reader.at != line.length()) {
            throw reader.error();
        }
        return fields;
    }

    private IllegalArgumentException error() {
        return new IllegalArgumentException("at " + at + " of " + text);
    }

    private char take() {
        if (at == text.length()) {
            throw error();
        }
        return text.charAt(at++);
    }

    private void expect(String wanted) {
        if (!text.startsWith(wanted, at)) {
            throw error();
        }
        at += wanted.length();
    }

    private boolean begins(char wanted) {
        return at < text.length() && text.charAt(at) == wanted;
    }

    private Map<String, @Nullable Object> object() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        expect("{");
        do {
            String name = string();
            expect(":");
            if (fields.containsKey(name)) {
                throw error();
            }
            fields.put(name, value());
        } while (next('}'));
        return fields;
    }

    private boolean next(char end) {
        char found = take();
        if (found != ',' && found != end) {
            throw error();
        }
        return found == ',';
    }

    private @Nullable Object value() {
        if (begins('"')) {
            return string();
        }
        if (begins('[')) {
            return array();
        }
        if (begins('n')) {
            expect("null");
            return null;
        }
        int start = at;
        while (at < text.length() && "0123456789.".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(start, at);
        if (!number.matches("(0|[1-9][0-9]*)(\\.[0-9]+)?")) {
            throw error();
        }
        return Double.valueOf(number);
    }

    private List<@Nullable Object> array() {
        List<@Nullable Object> values = new ArrayList<>();
        expect("[");
        if (begins(']')) {
            at++;
            return values;
        }
        do {
            values.add(value());
        } while (next(']'));
        return values;
    }

    private String string() {
        expect("\"");
        StringBuilder value = new StringBuilder();
        while (!begins('"')) {
            char c = take();
            if (c < ' ') {
                throw error();
            }
            if (c != '\\') {
                value.append(c);
                continue;
            }
            expect("u");
            value.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
            at += 4;
        }
        expect("\"");
        return value.toString();
    }
}
