package io.clb.l7;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clb.CidrSet;
import io.clb.RuleCondition;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rule asks of a request besides host and path, compiled. Immutable; made by control, read by any loop. Allocates but for cookies, and for parameters of
 * queries that are escaped.
 */
final class Conditions {

    /** One of them. */
    private interface Condition {
        boolean holds(HttpRequest request);
    }

    private final Condition[] all;

    private Conditions(Condition[] all) {
        this.all = all;
    }

    /** Compiles conditions; null for none. */
    static @Nullable Conditions of(List<RuleCondition> conditions) {
        return conditions.isEmpty()
                ? null
                : new Conditions(conditions.stream().map(Conditions::compile).toArray(Condition[]::new));
    }

    /** Whether all of them hold. */
    boolean hold(HttpRequest request) {
        for (Condition condition : all) {
            if (!condition.holds(request)) {
                return false;
            }
        }
        return true;
    }

    private static Condition compile(RuleCondition condition) {
        return switch (condition.kind()) {
            case METHOD -> method(condition.values());
            case SOURCE -> source(CidrSet.of(condition.values()));
            case HEADER -> header(condition.name(), globs(condition));
            case COOKIE -> cookie(condition.name(), globs(condition));
            case QUERY -> query(condition.name().getBytes(UTF_8), globs(condition));
        };
    }

    private static Glob[] globs(RuleCondition condition) {
        return condition.values().stream().map(Glob::new).toArray(Glob[]::new);
    }

    private static boolean anyFits(Glob[] globs, byte[] text, int start, int end) {
        for (Glob glob : globs) {
            if (glob.fits(text, start, end)) {
                return true;
            }
        }
        return false;
    }

    private static Condition method(List<String> values) {
        String[] methods = values.toArray(String[]::new);
        return request -> {
            for (String method : methods) {
                if (request.request.isMethod(method)) {
                    return true;
                }
            }
            return false;
        };
    }

    private static Condition source(CidrSet blocks) {
        return request -> blocks.contains(request.sourceHigh(), request.sourceLow());
    }

    private static Condition header(String lowerCaseName, Glob[] globs) {
        return request -> {
            Head head = request.request;
            int field = head.first(lowerCaseName);
            return field >= 0 && anyFits(globs, head.bytes, head.valueStart(field), head.valueEnd(field));
        };
    }

    private static Condition cookie(String name, Glob[] globs) {
        return request -> {
            AsciiString value = request.request.cookie(name);
            return value != null
                    && anyFits(globs, value.array(), value.arrayOffset(), value.arrayOffset() + value.length());
        };
    }

    private static Condition query(byte[] name, Glob[] globs) {
        return request -> {
            Head head = request.request;
            int at = head.pathEnd + 1;
            while (at < head.targetEnd) {
                int stop = indexOf(head.bytes, '&', at, head.targetEnd);
                int nameEnd = indexOf(head.bytes, '=', at, stop);
                if (EscapedText.equals(head.bytes, at, nameEnd, name)) {
                    int valueStart = Math.min(nameEnd + 1, stop);
                    if (!EscapedText.isEscaped(head.bytes, valueStart, stop)) {
                        return anyFits(globs, head.bytes, valueStart, stop);
                    }
                    byte[] value = EscapedText.decode(head.bytes, valueStart, stop);
                    return anyFits(globs, value, 0, value.length);
                }
                at = stop + 1;
            }
            return false;
        };
    }

    /** Where a byte is; the end if it is not there. */
    private static int indexOf(byte[] bytes, char wanted, int start, int end) {
        int at = start;
        while (at < end && bytes[at] != wanted) {
            at++;
        }
        return at;
    }
}
