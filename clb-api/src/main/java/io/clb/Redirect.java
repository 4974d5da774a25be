package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An answer that sends a client elsewhere (RFC 9110 15.4): {@code Redirect.to("https://${host}${path}?${query}").status(308)}. Immutable.
 *
 * <p>The target may hold variables of the request: {@code ${protocol}}, which is {@code http} or {@code https}; {@code ${host}}, without port; {@code ${port}}, the one
 * that the client named or, if it named none, that of the protocol; {@code ${path}} and {@code ${query}} as the client wrote them. Where there is no query, a {@code ?}
 * before {@code ${query}} is left out; for a path that is only {@code *}, as that of {@code OPTIONS} may be, {@code /} is written. Where the target has {@code ${host}}, a
 * request that names none, which only one of HTTP/1.0 can be, is answered with 400.
 */
public final class Redirect {

    static final String TARGET_EXPECTATION =
            "an absolute URL of http or https, or a path that starts with / and a letter or digit, of 1 to 1,024 visible ASCII characters, with no variables but "
                    + "${protocol}, ${host}, ${port}, ${path} and ${query}, the latter two behind the host";
    static final String STATUS_EXPECTATION = "one of 301, 302, 303, 307, 308";

    private static final int MAX_LENGTH = 1_024;
    static final int FOUND = 302;
    static final List<Integer> STATUSES = List.of(301, FOUND, 303, 307, 308);
    private static final List<String> VARIABLES = List.of("protocol", "host", "port", "path", "query");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}?");

    /** What a client sends as path and query must not become a part of the host: neither behind it nor, behind two slashes, in its place. */
    private static final Pattern BEGINNING = Pattern.compile("(https?|\\$\\{protocol})://"
            + "(([A-Za-z0-9._~-]|\\$\\{host})+|\\[[0-9A-Fa-f:.]+])"
            + "(:([0-9]{1,5}|\\$\\{port}))?([/?].*|\\$\\{path}.*)?"
            + "|/([A-Za-z0-9._~-].*)?");

    private final String target;
    private final int status;

    private Redirect(String target, int status) {
        this.target = target;
        this.status = status;
    }

    /**
     * Sends clients to a URL, with status 302 unless said otherwise.
     *
     * @param target a URL of http or https, or a path, 1 to 1,024 visible ASCII characters, with variables as above; a mistake in it is reported when the configuration
     *     is built
     * @return the answer
     */
    public static Redirect to(String target) {
        return new Redirect(requireNonNull(target, "target"), FOUND);
    }

    /**
     * With another status.
     *
     * @param value 301, 302, 303, 307 or 308; of those the last two keep the method
     * @return the answer
     */
    public Redirect status(int value) {
        return new Redirect(target, value);
    }

    /**
     * Returns where to.
     *
     * @return a URL or a path, with variables
     */
    public String target() {
        return target;
    }

    /**
     * Returns the status.
     *
     * @return 301, 302, 303, 307 or 308
     */
    public int status() {
        return status;
    }

    void check(String where, Mistakes mistakes) {
        if (!isTarget()) {
            mistakes.add(where, "redirect", target, TARGET_EXPECTATION);
        }
        if (!STATUSES.contains(status)) {
            mistakes.add(where, "redirect status", status, STATUS_EXPECTATION);
        }
    }

    private boolean isTarget() {
        if (target.length() > MAX_LENGTH
                || !target.chars().allMatch(c -> c > ' ' && c < 0x7f)
                || !BEGINNING.matcher(target).matches()) {
            return false;
        }
        Matcher variables = VARIABLE.matcher(target);
        while (variables.find()) {
            if (!variables.group().endsWith("}") || !VARIABLES.contains(variables.group(1))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Redirect that && target.equals(that.target) && status == that.status;
    }

    @Override
    public int hashCode() {
        return 31 * target.hashCode() + status;
    }

    @Override
    public String toString() {
        return status + " " + target;
    }
}
