package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Comparator.comparing;

import io.clb.RuleConfig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a listener, compiled: finds the one that takes a request. Immutable; made by control, read by any loop.
 *
 * <p>The order is that of {@link RuleConfig}: exact host, longer wildcard, shorter wildcard, rules without host. Only the rules of the first of these
 * that fits the request's host are looked at. If none of them has a fitting path, nothing is found: there is no fall-back, neither to a wildcard nor to
 * the rules without host. Inside a host the longest path whose rules have one that fits decides.
 *
 * <p>Hosts are one radix tree, whose keys are the hosts read from the end: {@code api.example.com} is {@code moc.elpmaxe.ipa}, {@code *.example.com} is
 * {@code moc.elpmaxe.}, and so the longest key on the way is the answer. Each host leads to a radix tree of its paths. A look-up reads every byte of the
 * host and of the path once at most, whatever the rules and whatever the request: there is no hash that a client could aim at.
 *
 * @param <T> what a rule stands for
 */
final class RuleTable<T> {

    /** Host keys read from their end; null without any. */
    private final @Nullable Node<Host<T>> hosts;

    /** The paths of the rules without host; null without any. */
    private final @Nullable Node<Path<T>> everyHost;

    /** Says whether a request fulfils what a rule asks for besides host and path. */
    interface Judge<T> {

        /**
         * Asked for one rule after the other, until one fits.
         *
         * @param candidate what the rule stands for
         */
        boolean fits(T candidate);
    }

    /** What one host of the configuration leads to. */
    private record Host<T>(boolean wildcard, Node<Path<T>> paths) {}

    /** A rule, of a path. */
    private record Candidate<T>(RuleConfig.PathMatch match, T target) {

        /** Whether the rule takes a path that begins with its own, which ends at an index. */
        boolean takes(byte[] bytes, int at, int end) {
            return switch (match) {
                case EXACT -> at == end;
                case SEGMENTS -> at == end || bytes[at] == '/';
                case PREFIX -> true;
            };
        }
    }

    /**
     * What one path of a host leads to.
     *
     * @param length of the path, without the slash that it begins with
     * @param rules of that path, in the order in which they are asked
     * @param shorter the longest other path of that host that this one begins with; null if there is none
     */
    private record Path<T>(
            int length, List<Candidate<T>> rules, @Nullable Path<T> shorter) {}

    private RuleTable(@Nullable Node<Host<T>> hosts, @Nullable Node<Path<T>> everyHost) {
        this.hosts = hosts;
        this.everyHost = everyHost;
    }

    /**
     * Compiles rules.
     *
     * @param rules the rules, validated
     * @param target gives what {@link #find} returns for a rule
     * @param <T> what a rule stands for
     * @return the table
     */
    static <T> RuleTable<T> of(Collection<RuleConfig> rules, Function<RuleConfig, T> target) {
        Map<String, SortedMap<String, List<Candidate<T>>>> named = new HashMap<>();
        SortedMap<String, List<Candidate<T>>> unnamed = new TreeMap<>();
        rules.stream()
                .sorted(comparing(RuleConfig::pathMatch).thenComparing(RuleConfig::priority))
                .forEach(rule -> {
                    String host = rule.host();
                    SortedMap<String, List<Candidate<T>>> paths =
                            host == null ? unnamed : named.computeIfAbsent(host, h -> new TreeMap<>());
                    paths.computeIfAbsent(rule.path().substring(1), p -> new ArrayList<>(1))
                            .add(new Candidate<>(rule.pathMatch(), target.apply(rule)));
                });
        SortedMap<String, Host<T>> hosts = new TreeMap<>();
        named.forEach((host, paths) -> {
            boolean wildcard = host.startsWith("*");
            String end = wildcard ? host.substring(1) : host;
            hosts.put(new StringBuilder(end).reverse().toString(), new Host<>(wildcard, Node.of(linked(paths))));
        });
        return new RuleTable<>(
                hosts.isEmpty() ? null : Node.of(hosts), unnamed.isEmpty() ? null : Node.of(linked(unnamed)));
    }

    /** Has each path know the one that is asked when none of its rules fits. What a path begins with comes before it. */
    private static <T> SortedMap<String, Path<T>> linked(SortedMap<String, List<Candidate<T>>> paths) {
        SortedMap<String, Path<T>> linked = new TreeMap<>();
        Deque<String> beginnings = new ArrayDeque<>();
        paths.forEach((path, rules) -> {
            while (!beginnings.isEmpty() && !path.startsWith(beginnings.getLast())) {
                beginnings.removeLast();
            }
            Path<T> shorter = beginnings.isEmpty() ? null : linked.get(beginnings.getLast());
            linked.put(path, new Path<>(path.length(), List.copyOf(rules), shorter));
            beginnings.addLast(path);
        });
        return linked;
    }

    /**
     * Finds the rule that takes a request. Host and path are parts of one array, from a start to before an end.
     *
     * @param bytes what holds both
     * @param hostStart where the host starts
     * @param hostEnd where it ends, without a port; the start if the request has none. A dot at the end does not count
     * @param pathStart where the path starts, in its normal form
     * @param pathEnd where it ends, without the query. One that does not start with a slash, such as that of {@code OPTIONS *}, is taken for {@code /}
     * @param judge is asked of those that host and path fit
     * @return what the rule stands for; null if none takes the request
     */
    @Nullable
    T find(byte[] bytes, int hostStart, int hostEnd, int pathStart, int pathEnd, Judge<T> judge) {
        Node<Path<T>> paths = paths(bytes, hostStart, hostEnd);
        if (paths == null) {
            return null;
        }
        boolean rooted = pathEnd > pathStart && bytes[pathStart] == '/';
        int start = rooted ? pathStart + 1 : pathEnd;
        for (Path<T> path = longest(paths, bytes, start, pathEnd); path != null; path = path.shorter) {
            int at = start + path.length;
            // by index: an iterator would be garbage
            for (int i = 0; i < path.rules.size(); i++) {
                Candidate<T> rule = path.rules.get(i);
                if (rule.takes(bytes, at, pathEnd) && judge.fits(rule.target)) {
                    return rule.target;
                }
            }
        }
        return null;
    }

    /**
     * Tells whether a rule names a host, or the wildcard of one covers it.
     *
     * @param bytes what holds it
     * @param hostStart where it starts
     * @param hostEnd where it ends, as in {@link #find}
     */
    boolean knows(byte[] bytes, int hostStart, int hostEnd) {
        Node<Path<T>> paths = paths(bytes, hostStart, hostEnd);
        return paths != null && paths != everyHost;
    }

    /** Reads the host from its end. An exact key counts if nothing is left of the host, that of a wildcard if something is. */
    private @Nullable Node<Path<T>> paths(byte[] bytes, int start, int hostEnd) {
        int end = hostEnd > start && bytes[hostEnd - 1] == '.' ? hostEnd - 1 : hostEnd;
        Node<Path<T>> found = everyHost;
        Node<Host<T>> node = hosts;
        int at = end;
        while (node != null) {
            at = node.backwards(bytes, start, at);
            if (at < 0) {
                break;
            }
            Host<T> host = node.value;
            if (host != null && host.wildcard == at > start) {
                found = host.paths;
            }
            node = at > start ? node.child(lowerCase(bytes[--at])) : null;
        }
        return found;
    }

    private static <T> @Nullable T longest(Node<T> root, byte[] bytes, int start, int end) {
        T found = null;
        Node<T> node = root;
        int at = start;
        while (node != null) {
            at = node.forwards(bytes, at, end);
            if (at < 0) {
                break;
            }
            if (node.value != null) {
                found = node.value;
            }
            node = at < end ? node.child(bytes[at++]) : null;
        }
        return found;
    }

    private static byte lowerCase(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + ('a' - 'A')) : b;
    }

    /** A node of a radix tree over ASCII: bytes that all keys below have in common, and a child for each byte that may follow. */
    private static final class Node<V> {

        private static final byte[] NO_LABEL = {};

        private final byte[] label;
        private final @Nullable V value;

        /** The byte of the first child; the array goes on to that of the last. */
        private final int lowest;

        private final @Nullable Node<V>[] children;

        private Node(byte[] label, @Nullable V value, int lowest, @Nullable Node<V>[] children) {
            this.label = label;
            this.value = value;
            this.lowest = lowest;
            this.children = children;
        }

        static <V> Node<V> of(SortedMap<String, V> entries) {
            return of(List.copyOf(entries.entrySet()), 0);
        }

        /** Makes a node of entries, sorted, at least one, that agree on what is before an index. What the first and the last share all share. */
        private static <V> Node<V> of(List<Map.Entry<String, V>> entries, int from) {
            String first = entries.get(0).getKey();
            String last = entries.get(entries.size() - 1).getKey();
            int end = from;
            while (end < first.length() && first.charAt(end) == last.charAt(end)) {
                end++;
            }
            byte[] label = end == from ? NO_LABEL : first.substring(from, end).getBytes(US_ASCII);
            boolean here = end == first.length();
            V value = here ? entries.get(0).getValue() : null;
            List<Map.Entry<String, V>> below = here ? entries.subList(1, entries.size()) : entries;
            int lowest = below.isEmpty() ? 0 : below.get(0).getKey().charAt(end);
            int length = below.isEmpty() ? 0 : last.charAt(end) - lowest + 1;
            Node<V>[] children = array(length);
            for (int next = 0; next < below.size(); ) {
                int start = next;
                char branch = below.get(start).getKey().charAt(end);
                while (next < below.size() && below.get(next).getKey().charAt(end) == branch) {
                    next++;
                }
                children[branch - lowest] = of(below.subList(start, next), end + 1);
            }
            return new Node<>(label, value, lowest, children);
        }

        @SuppressWarnings({"unchecked", "rawtypes"})
        private static <V> @Nullable Node<V>[] array(int length) {
            return new Node[length];
        }

        /** Returns the child for a byte; bytes outside ASCII are negative, and no child's. */
        @Nullable
        Node<V> child(byte branch) {
            int index = branch - lowest;
            return index >= 0 && index < children.length ? children[index] : null;
        }

        /** Returns where the label ends, if it starts at an index; else -1. */
        int forwards(byte[] bytes, int at, int end) {
            int after = at + label.length;
            return after <= end && Arrays.equals(label, 0, label.length, bytes, at, after) ? after : -1;
        }

        /** Returns where the label ends, if it stands before an index, back to front and in any case; else -1. */
        int backwards(byte[] bytes, int start, int at) {
            int after = at - label.length;
            if (after < start) {
                return -1;
            }
            for (int i = 0; i < label.length; i++) {
                if (label[i] != lowerCase(bytes[at - 1 - i])) {
                    return -1;
                }
            }
            return after;
        }
    }
}
