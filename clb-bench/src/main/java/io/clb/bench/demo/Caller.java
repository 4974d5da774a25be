package io.clb.bench.demo;

import io.clb.bench.demo.HttpConnection.Response;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A client of a listener with a limit: it keeps its connection and asks on, whether it is served or refused. */
final class Caller implements Clients.Client {

    private static final int REFUSED = 503;

    private final HttpConnection http;
    private final String name;
    private final Demand demand;
    private long count;

    /**
     * Makes one.
     *
     * @param demand where it says that it has asked
     */
    Caller(InetSocketAddress balancer, int number, Demand demand) {
        this.http = new HttpConnection(balancer);
        this.name = "caller-" + number;
        this.demand = demand;
    }

    @Override
    public boolean ask() throws IOException {
        String path = "/" + name + "/" + count++;
        Response response = http.get(path, "");
        demand.asked(System.nanoTime());
        if (response.status() == REFUSED) {
            return false;
        }
        response.serverOf(path);
        return true;
    }

    @Override
    public @Nullable InetSocketAddress local() {
        return http.local();
    }

    @Override
    public void close() {
        http.close();
    }
}
