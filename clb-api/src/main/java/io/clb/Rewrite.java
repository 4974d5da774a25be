package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a rule changes in requests on their way to servers: {@code Rewrite.request().path("/v2${path}").insertHeader("X-Client", "${client_ip}")}. Immutable.
 *
 * <p>Texts may hold variables of the request as the client sent it: {@code ${host}}, without port; {@code ${path}}; {@code ${query}}; and in header fields {@code ${protocol}}, {@code ${port}}, the
 * one that the client named or, if it named none, that of the protocol, {@code ${client_ip}} and {@code ${client_port}} too. Where there is no query, a {@code ?} or {@code &} beside
 * {@code ${query}} is left out. A request without a host, which only one of HTTP/1.0 can be, is answered with 400 where the new host has {@code ${host}}.
 */
public final class Rewrite {

    private static final int MAX_LENGTH = 1_024;
    private static final int MAX_FIELDS = 20;
    private static final int MAX_NAME = 100;
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}?");
    private static final Set<String> OF_HOST = Set.of("host");
    private static final Set<String> OF_PATH = Set.of("host", "path");
    private static final Set<String> OF_QUERY = Set.of("host", "path", "query");
    private static final Set<String> OF_HEADER =
            Set.of("host", "path", "query", "protocol", "port", "client_ip", "client_port");
    private static final Pattern HOST =
            Pattern.compile("(([A-Za-z0-9._-]|\\$\\{host})+|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?");

    /** What says where a message ends or whom it is for, what is for one connection, and what the balancer itself tells servers. */
    private static final Set<String> FIXED_FIELDS = Set.of(
            "authority",
            "connection",
            "content-length",
            "cookie",
            "expect",
            "forwarded",
            "host",
            "keep-alive",
            "proxy-connection",
            "remoteip",
            "slb-id",
            "slb-ip",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "via",
            "x-forwarded-client-srcport",
            "x-forwarded-eip",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-proto");

    private static final Rewrite NONE = new Rewrite(null, null, null, Map.of(), Set.of());

    private final @Nullable String host;
    private final @Nullable String path;
    private final @Nullable String query;
    private final Map<String, String> inserted;
    private final Set<String> removed;

    private Rewrite(
            @Nullable String host,
            @Nullable String path,
            @Nullable String query,
            Map<String, String> inserted,
            Set<String> removed) {
        this.host = host;
        this.path = path;
        this.query = query;
        this.inserted = inserted;
        this.removed = removed;
    }

    /**
     * Begins with nothing that is changed; something must be.
     *
     * @return the changes
     */
    public static Rewrite request() {
        return NONE;
    }

    /**
     * Replaces the host that servers are asked for, in {@code Host}.
     *
     * @param text a name or a literal, with a port if need be; a mistake in it is reported when the configuration is built
     * @return the changes
     */
    public Rewrite host(String text) {
        return new Rewrite(requireNonNull(text, "text"), path, query, inserted, removed);
    }

    /**
     * Replaces the path.
     *
     * @param text {@code /} or {@code ${path}} and more, 1 to 1,024 visible ASCII characters without {@code ?} and {@code #}; goes to servers as it stands
     * @return the changes
     */
    public Rewrite path(String text) {
        return new Rewrite(host, requireNonNull(text, "text"), query, inserted, removed);
    }

    /**
     * Replaces the query.
     *
     * @param text up to 1,024 visible ASCII characters without {@code #}; empty for no query
     * @return the changes
     */
    public Rewrite query(String text) {
        return new Rewrite(host, path, requireNonNull(text, "text"), inserted, removed);
    }

    /**
     * Adds a header field, in the place of those that the client sent under that name.
     *
     * @param field its name, a token of 1 to 100 characters; none that frames messages, is for one connection, or tells servers about clients
     * @param text up to 1,024 visible ASCII characters and blanks, with variables; at most 20 fields
     * @return the changes
     */
    public Rewrite insertHeader(String field, String text) {
        Map<String, String> more = new LinkedHashMap<>(inserted);
        more.put(requireNonNull(field, "field"), requireNonNull(text, "text"));
        return new Rewrite(host, path, query, more, removed);
    }

    /**
     * Leaves out the header fields that the client sent under a name.
     *
     * @param field the name, as for {@link #insertHeader}; at most 20 of them
     * @return the changes
     */
    public Rewrite removeHeader(String field) {
        Set<String> more = new LinkedHashSet<>(removed);
        more.add(requireNonNull(field, "field").toLowerCase(Locale.ROOT));
        return new Rewrite(host, path, query, inserted, more);
    }

    /**
     * Returns the new host.
     *
     * @return the text, with variables; null if it is not changed
     */
    public @Nullable String host() {
        return host;
    }

    /**
     * Returns the new path.
     *
     * @return the text, with variables; null if it is not changed
     */
    public @Nullable String path() {
        return path;
    }

    /**
     * Returns the new query.
     *
     * @return the text, with variables; null if it is not changed
     */
    public @Nullable String query() {
        return query;
    }

    /**
     * Returns the header fields that are added.
     *
     * @return texts with variables by name, in the order of setting; unmodifiable
     */
    public Map<String, String> insertedHeaders() {
        return Collections.unmodifiableMap(inserted);
    }

    /**
     * Returns the header fields that are left out.
     *
     * @return names in lower case; unmodifiable
     */
    public Set<String> removedHeaders() {
        return Set.copyOf(removed);
    }

    void check(String where, Mistakes mistakes) {
        if (equals(NONE)) {
            mistakes.add(where, "rewrite", "nothing", "a host, a path, a query or a header field");
        }
        if (host != null && !isText(host, OF_HOST, 1, HOST.matcher(host).matches())) {
            mistakes.add(
                    where,
                    "rewrite host",
                    host,
                    "a name or literal, with a port or without, with no variable but ${host}");
        }
        if (path != null && !isText(path, OF_PATH, 1, isPath(path))) {
            mistakes.add(
                    where,
                    "rewrite path",
                    path,
                    "/ or ${path} and more, 1 to 1,024 visible ASCII characters without ? and #, with no variables but ${host} and ${path}");
        }
        if (query != null && !isText(query, OF_QUERY, 0, isVisible(query) && query.indexOf('#') < 0)) {
            mistakes.add(
                    where,
                    "rewrite query",
                    query,
                    "up to 1,024 visible ASCII characters without #, with no variables but ${host}, ${path} and ${query}");
        }
        inserted.forEach((field, text) -> {
            checkField(where, "insertHeader", field, mistakes);
            boolean sound = text.equals(text.strip()) && text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
            if (!isText(text, OF_HEADER, 0, sound)) {
                mistakes.add(
                        where,
                        "insertHeader " + field,
                        text,
                        "up to 1,024 visible ASCII characters and blanks between them, with no variables but ${host}, ${path}, ${query}, ${protocol}, ${port}, ${client_ip} and ${client_port}");
            }
        });
        removed.forEach(field -> checkField(where, "removeHeader", field, mistakes));
        checkNumber(where, "insertHeader", inserted.size(), mistakes);
        checkNumber(where, "removeHeader", removed.size(), mistakes);
        List<String> names = new ArrayList<>();
        inserted.keySet().forEach(field -> names.add(field.toLowerCase(Locale.ROOT)));
        names.stream()
                .filter(name -> names.indexOf(name) != names.lastIndexOf(name))
                .distinct()
                .forEach(name -> mistakes.add(where, "insertHeader", name, "one field of a name, in any case"));
    }

    private static boolean isPath(String text) {
        return (text.startsWith("/") || text.startsWith("${path}"))
                && isVisible(text)
                && text.chars().noneMatch(c -> c == '?' || c == '#');
    }

    private static boolean isVisible(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    private static boolean isText(String text, Set<String> variables, int shortest, boolean sound) {
        if (!sound || text.length() < shortest || text.length() > MAX_LENGTH) {
            return false;
        }
        Matcher found = VARIABLE.matcher(text);
        while (found.find()) {
            if (!found.group().endsWith("}") || !variables.contains(found.group(1))) {
                return false;
            }
        }
        return true;
    }

    private static void checkField(String where, String what, String field, Mistakes mistakes) {
        String name = field.toLowerCase(Locale.ROOT).replace('_', '-');
        if (!Names.isToken(field) || field.length() > MAX_NAME) {
            mistakes.add(
                    where, what, field, "a name of 1 to " + MAX_NAME + " letters, digits and " + Names.TOKEN_MARKS);
        } else if (FIXED_FIELDS.contains(name)) {
            mistakes.add(
                    where,
                    what,
                    field,
                    "a field that does not frame messages, is not for one connection, and does not tell servers about clients");
        }
    }

    private static void checkNumber(String where, String what, int number, Mistakes mistakes) {
        if (number > MAX_FIELDS) {
            mistakes.add(where, what, number + " fields", "at most " + MAX_FIELDS);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Rewrite that
                && Objects.equals(host, that.host)
                && Objects.equals(path, that.path)
                && Objects.equals(query, that.query)
                && List.copyOf(inserted.entrySet()).equals(List.copyOf(that.inserted.entrySet()))
                && removed.equals(that.removed);
    }

    @Override
    public int hashCode() {
        return Objects.hash(host, path, query, inserted, removed);
    }

    @Override
    public String toString() {
        List<String> changes = new ArrayList<>();
        if (host != null) {
            changes.add("host " + host);
        }
        if (path != null) {
            changes.add("path " + path);
        }
        if (query != null) {
            changes.add("query " + query);
        }
        inserted.forEach((field, text) -> changes.add(field + ": " + text));
        removed.forEach(field -> changes.add("no " + field));
        return String.join(", ", changes);
    }
}
