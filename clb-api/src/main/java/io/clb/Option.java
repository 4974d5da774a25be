package io.clb;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Set;

/**
 * The declaration of one setting: where it belongs, its name, range, default and meaning. Setters, validation and the table in README all read
 * it. Immutable.
 *
 * @param <T> the type of its values
 */
public final class Option<T extends Comparable<T>> {

    /** What a setting belongs to. */
    public enum Scope {
        /** The balancer as a whole. */
        BALANCER("balancer"),
        /** A listener. */
        LISTENER("listener"),
        /** A forwarding rule. */
        RULE("rule"),
        /** A server group. */
        SERVER_GROUP("server group"),
        /** A server. */
        SERVER("server"),
        /** A scheduler that has settings. */
        SCHEDULER("scheduler"),
        /** A health check. */
        HEALTH_CHECK("health check"),
        /** Passive ejection. */
        EJECTION("ejection"),
        /** The PROXY protocol. */
        PROXY_PROTOCOL("PROXY protocol"),
        /** Filters of requests. */
        REQUEST_FILTERS("request filters"),
        /** TLS of a listener. */
        TLS("TLS"),
        /** Compression of responses. */
        GZIP("gzip"),
        /** Stickiness, by source address or by cookie. */
        STICKINESS("stickiness"),
        /** A limit. */
        LIMIT("limit"),
        /** The nodes that share limits. */
        CLUSTER("cluster");

        private final String label;

        Scope(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    private final Scope scope;
    private final Set<ListenerConfig.Protocol> protocols;
    private final String name;
    private final OptionValues<T> values;
    private final String since;
    private final String summary;

    Option(
            Scope scope,
            Set<ListenerConfig.Protocol> protocols,
            String name,
            OptionValues<T> values,
            String since,
            String summary) {
        this.scope = scope;
        this.protocols = protocols;
        this.name = name;
        this.values = values;
        this.since = since;
        this.summary = summary;
    }

    /**
     * Returns the protocols of the listeners that take the setting.
     *
     * @return an unmodifiable set; all of them for most settings, and for those that are no listener's
     */
    public Set<ListenerConfig.Protocol> protocols() {
        return protocols;
    }

    /**
     * Returns what the setting belongs to.
     *
     * @return the scope
     */
    public Scope scope() {
        return scope;
    }

    /**
     * Returns the name, which is also the setter's.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * Returns the type of the values.
     *
     * @return {@link Duration}, {@link Integer}, {@link Boolean} or an enumeration
     */
    public Class<T> type() {
        return values.type();
    }

    /**
     * Returns the value that holds unless another is set.
     *
     * @return the default
     */
    public T defaultValue() {
        return values.standard();
    }

    /**
     * Returns the version that brought the setting.
     *
     * @return such as {@code "0.1"}
     */
    public String since() {
        return since;
    }

    /**
     * Returns the meaning in a sentence.
     *
     * @return the summary
     */
    public String summary() {
        return summary;
    }

    /**
     * Returns the range in words, both ends included.
     *
     * @return such as {@code "10 s to 900 s"} or {@code "one of 301, 302"}, or {@code "0 s (off), or 30 s to 900 s"} if a value outside turns the setting off
     */
    public String expectation() {
        return values.expectation();
    }

    /**
     * Tells whether a value is in the range, one of the choices, or turns the setting off.
     *
     * @param value the value
     * @return false outside
     */
    public boolean accepts(T value) {
        return values.accepts(requireNonNull(value, "value"));
    }

    /**
     * Writes a value as the table does.
     *
     * @param value a value of this setting
     * @return such as {@code "900 s"}
     */
    public String format(T value) {
        return OptionValues.text(requireNonNull(value, "value"));
    }

    /** Adds a mistake if the value is out of range. */
    void check(String where, T value, Mistakes mistakes) {
        if (!accepts(value)) {
            mistakes.add(where, name, value, expectation());
        }
    }

    /**
     * Says what the setting belongs to.
     *
     * @return such as {@code "listener"}, or {@code "listener (TCP, HTTP)"} if not every protocol has it
     */
    public String place() {
        return protocols.equals(OptionPlace.EVERY_PROTOCOL)
                ? scope.toString()
                : scope + " " + protocols.toString().replace('[', '(').replace(']', ')');
    }

    @Override
    public String toString() {
        return place() + " " + name;
    }
}
