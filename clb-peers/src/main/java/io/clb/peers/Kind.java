package io.clb.peers;

/** The libraries, by the names that {@code --kind} takes. */
enum Kind {
    UNDERTOW("undertow"),
    VERTX("vertx"),
    JETTY("jetty"),
    REACTOR_NETTY("reactor-netty");

    private final String option;

    Kind(String option) {
        this.option = option;
    }

    /** Starts a proxy of this library. */
    Proxy start(Settings settings) {
        return switch (this) {
            case UNDERTOW -> new UndertowProxy(settings);
            case VERTX -> new VertxProxy(settings);
            case JETTY -> new JettyProxy(settings);
            case REACTOR_NETTY -> new ReactorNettyProxy(settings);
        };
    }

    @Override
    public String toString() {
        return option;
    }
}
