package io.clb;

import java.util.regex.Pattern;

/** Paths of rules that no request's path is ever like, as it is compared in its normal form (RFC 3986 6.2.2) and refused where it has none. */
final class RulePaths {

    /** Escapes that are not whole, not in upper case, of NUL, or of what needs none; segments that are dots, and backslashes. */
    private static final Pattern ABNORMAL = Pattern.compile(
            "%(?![0-9A-F]{2})|%(?:00|2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)" + "|/\\.\\.?[/;]|\\\\");

    private static final Pattern ESCAPED_SLASH = Pattern.compile("%(?:2F|5C)");

    private RulePaths() {}

    static void check(String listener, RuleConfig rule, Settings settings, Mistakes mistakes) {
        String path = rule.path();
        String where = listener + ": rule " + rule.name();
        // Of a longer path, a beginning that ends with dots is one of a name.
        boolean whole = rule.pathMatch() != RuleConfig.PathMatch.PREFIX;
        if (ABNORMAL.matcher(whole ? path + "/" : path).find()) {
            mistakes.add(
                    where,
                    "path",
                    path,
                    "the normal form, in which requests are compared: no segments . or .., no backslash, and escapes such as %C3 in upper case, none of letters, digits or -._~");
        }
        if (!settings.get(Options.ALLOW_ESCAPED_SLASHES)
                && ESCAPED_SLASH.matcher(path).find()) {
            mistakes.add(where, "path", path, "no %2F and no %5C, unless the listener has allowEscapedSlashes");
        }
        if (settings.get(Options.MERGE_SLASHES) && path.contains("//")) {
            mistakes.add(where, "path", path, "no two slashes in a row, as the listener has mergeSlashes");
        }
    }
}
