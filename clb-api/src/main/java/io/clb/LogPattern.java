package io.clb;

import io.clb.AccessLog.Field;
import io.clb.AccessLog.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What stands in a line of an access log: a pattern, or the fields of a JSON object; without either, all that a listener knows. Immutable. */
final class LogPattern {

    /** A pattern with all fields but the one that costs a system call. */
    static final LogPattern DEFAULT = new LogPattern(null, null);

    static final String PATTERN_EXPECTATION =
            "1 to 4,096 characters without control characters, with one field at least";
    static final String SEPARATOR_EXPECTATION =
            "behind it something that is no letter, digit, -, \\ or $, or where it ends could not be told";

    private static final int MAX_LENGTH = 4_096;
    private static final Pattern VARIABLE = Pattern.compile("\\$(\\$|([A-Za-z0-9_]+)|\\{([^}]*)}|)");
    private static final Map<String, Field> FIELDS = new HashMap<>();

    static {
        for (Field field : Field.values()) {
            FIELDS.put(field.fieldName(), field);
        }
    }

    private final @Nullable String text;
    private final @Nullable List<String> jsonFields;

    private LogPattern(@Nullable String text, @Nullable List<String> jsonFields) {
        this.text = text;
        this.jsonFields = jsonFields;
    }

    static LogPattern of(String text) {
        return new LogPattern(text, null);
    }

    /** JSON with some fields; with all if none are named. */
    static LogPattern json(List<String> fields) {
        return new LogPattern(null, fields);
    }

    boolean isJson() {
        return jsonFields != null;
    }

    List<Part> parts(ListenerConfig.Protocol protocol) {
        if (jsonFields != null) {
            return jsonFields.isEmpty()
                    ? known(protocol).map(field -> new Part("", field)).toList()
                    : jsonFields.stream()
                            .map(name -> new Part("", FIELDS.get(name)))
                            .toList();
        }
        List<Part> parts = new ArrayList<>();
        if (text != null) {
            parse(text, parts, new HashSet<>());
            return parts;
        }
        String before = "";
        for (Field field : known(protocol).toList()) {
            String quote = field.isText() ? "\"" : "";
            parts.add(new Part(before + quote, field));
            before = quote + " ";
        }
        parts.add(new Part(before.stripTrailing(), null));
        return List.copyOf(parts);
    }

    private static java.util.stream.Stream<Field> known(ListenerConfig.Protocol protocol) {
        return Arrays.stream(Field.values()).filter(field -> field != Field.TCPINFO_RTT && field.fits(protocol));
    }

    /** Takes a pattern apart; names that are none go to {@code unknown}. */
    private static void parse(String text, List<Part> parts, Set<String> unknown) {
        StringBuilder before = new StringBuilder();
        Matcher variables = VARIABLE.matcher(text);
        int from = 0;
        while (variables.find()) {
            before.append(text, from, variables.start());
            from = variables.end();
            if (variables.group().equals("$$")) {
                before.append('$');
                continue;
            }
            String bare = variables.group(2);
            String name = bare == null ? Objects.requireNonNullElse(variables.group(3), "") : bare;
            Field field = FIELDS.get(name);
            if (field == null) {
                unknown.add(variables.group());
            } else {
                parts.add(new Part(before.toString(), field));
                before.setLength(0);
            }
        }
        parts.add(new Part(before.append(text.substring(from)).toString(), null));
    }

    void check(String where, Mistakes mistakes) {
        Set<String> unknown = new HashSet<>();
        if (jsonFields != null) {
            jsonFields.stream().filter(name -> !FIELDS.containsKey(name)).forEach(unknown::add);
            if (new HashSet<>(jsonFields).size() < jsonFields.size()) {
                mistakes.add(where, "accessLog json", jsonFields, "each field once");
            }
        } else if (text != null) {
            checkPattern(where, text, unknown, mistakes);
        }
        unknown.stream()
                .sorted()
                .forEach(name -> mistakes.add(
                        where,
                        "accessLog field",
                        name,
                        "one of "
                                + Arrays.stream(Field.values())
                                        .map(Field::fieldName)
                                        .toList()));
    }

    private static void checkPattern(String where, String text, Set<String> unknown, Mistakes mistakes) {
        List<Part> parts = new ArrayList<>();
        parse(text, parts, unknown);
        boolean plain = text.length() <= MAX_LENGTH && text.chars().noneMatch(Character::isISOControl);
        if (!plain || (parts.size() == 1 && unknown.isEmpty())) {
            mistakes.add(where, "accessLog pattern", text, PATTERN_EXPECTATION);
        }
        for (int i = 1; i < parts.size(); i++) {
            Field field = parts.get(i - 1).field();
            String behind = parts.get(i).text();
            boolean last = behind.isEmpty() && parts.get(i).field() == null;
            if (field != null && field.isText() && !last && !separates(behind)) {
                mistakes.add(where, "accessLog pattern", "$" + field.fieldName(), SEPARATOR_EXPECTATION);
            }
        }
    }

    private static boolean separates(String text) {
        char first = text.isEmpty() ? 'x' : text.charAt(0);
        return first < 0x7f && !Character.isLetterOrDigit(first) && first != '-' && first != '\\' && first != '$';
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LogPattern that
                && Objects.equals(text, that.text)
                && Objects.equals(jsonFields, that.jsonFields);
    }

    @Override
    public int hashCode() {
        return Objects.hash(text, jsonFields);
    }

    @Override
    public String toString() {
        if (jsonFields != null) {
            return jsonFields.isEmpty() ? "JSON" : "JSON " + jsonFields;
        }
        return text == null ? "the default pattern" : text;
    }
}
