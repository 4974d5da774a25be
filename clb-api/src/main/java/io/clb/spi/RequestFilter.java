package io.clb.spi;

import java.nio.ByteBuffer;

/**
 * Judges requests, and connections by their first bytes, before a server gets to see them: the place for a web application firewall, or for whatever else an
 * application wants to look at first.
 *
 * <p>A filter is asked one question after the other about a flow: about its head, then about each part of its body. It answers each by a call on the {@link Ruling}, within the call that asks, or
 * later and on any thread if it has to ask somebody else first; until then that flow waits, and nothing but that flow. The calls come on the flow's event loop: no lock, no
 * blocking. One filter serves all loops at once; what it has to remember of a flow it {@linkplain Ruling#attach attaches} to the ruling.
 *
 * <p>Give instances to a listener or a balancer ({@code .requestFilters(RequestFilters.of(mine))}), or offer one by name: list the class in {@code
 * META-INF/services/io.clb.spi.RequestFilter} (and {@code provides} in a module), give it a {@link #name()}, and {@code Extensions.requestFilter("...")} finds it.
 */
@FunctionalInterface
public interface RequestFilter {

    /**
     * Returns the name that {@code Extensions.requestFilter} finds this by.
     *
     * @return the name; the class's simple name unless overridden
     */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * Judges a request of an HTTP listener by its head. Limits and access lists have let it in by then; no server was picked.
     *
     * @param request the request, to read during this call only
     * @param ruling takes the answer
     */
    void request(HttpFlow request, Ruling ruling);

    /**
     * Judges a part of a request's body: its content, without what frames chunks, and as encoded by the client. Called as long as the answers are {@link Ruling#pass} and {@link
     * Ruling#more}. Allows the rest of the request unless overridden.
     *
     * @param content the part; where a filter has asked for {@link Ruling#more}, all that is held, with what came since. Read-only, to be read during this call only
     * @param last whether it ends the body; the part may be empty then
     * @param ruling takes the answer
     */
    default void body(ByteBuffer content, boolean last, Ruling ruling) {
        ruling.allow();
    }

    /**
     * Judges a connection of a TCP listener by the first bytes that came from its client. A client that waits for the server to speak first is never
     * judged, and never served: such protocols want a listener without filters. {@link Ruling#pass} and {@link Ruling#allow} are alike here. Allows the connection unless overridden.
     *
     * @param connection the connection, to read during this call only
     * @param bytes the first bytes; after {@link Ruling#more} all that came. Read-only, to be read during this call only
     * @param last whether the client has said that no more will come
     * @param ruling takes the answer
     */
    default void connection(Flow connection, ByteBuffer bytes, boolean last, Ruling ruling) {
        ruling.allow();
    }

    /**
     * Called once for each flow that this filter was asked about, when it will not be asked any more: it has allowed or denied the flow, or that has ended. On the flow's loop.
     *
     * @param ruling that of the flow; takes no more answers
     */
    default void ended(Ruling ruling) {}
}
