package io.clb.l7;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;

/**
 * An {@link Edge} for each transport, for all cases of a test class, which registers this as a static extension.
 *
 * @param <S> what the server is
 */
final class Edges<S extends AutoCloseable> implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {

    private final Supplier<S> servers;
    private final Function<S, String> id;
    private final Consumer<S> forget;
    private List<Edge<S>> all = List.of();

    private Edges(Supplier<S> servers, Function<S, String> id, Consumer<S> forget) {
        this.servers = servers;
        this.id = id;
        this.forget = forget;
    }

    /**
     * Edges to be.
     *
     * @param forget has a server forget what one case has left behind, so that it does not fail the next
     */
    static <S extends AutoCloseable> Edges<S> of(Supplier<S> servers, Function<S, String> id, Consumer<S> forget) {
        return new Edges<>(servers, id, forget);
    }

    /** All edges. */
    Stream<Edge<S>> all() {
        return all.stream();
    }

    /** Each case at each edge. */
    Stream<Arguments> with(List<?> cases) {
        return all.stream().flatMap(edge -> cases.stream().map(one -> Arguments.of(edge, one)));
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        all = Edge.all(servers, id);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        all.forEach(edge -> forget.accept(edge.server()));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        all.forEach(Edge::stop);
        all = List.of();
        Balancers.bringLeaksToLight();
    }
}
